import { readFileSync } from "node:fs";
import express, { type Router } from "express";
import session, { type Store } from "express-session";
// In your own project, this is "express-authnz-ldap".
import {
  type AuthnzLdap,
  type AuthnzLdapOptions,
  addressKeys,
  authnzLdap,
  fromDovecotConfig,
  ldapTable,
  type Mechanism,
  requireRestriction,
} from "../../src/index.ts";
import { mailPage } from "../pages/mail.ts";
import { sameSiteOnly } from "../same-site.ts";
import { createOutbox, isAddress } from "./outbox.ts";

const TABLE = "ldap_smtpd_sender_restrictions.cf";

/** What the mail pages need to know from outside. */
export interface MailSettings {
  /** The directory of the mail server's users: `ldap://host:port`. */
  readonly server: string;
  /** How they show that they know their password. */
  readonly mechanism: Mechanism;
  /** Signs the session cookie. */
  readonly sessionSecret: string;
  /** Where sessions are kept. Default: in memory. */
  readonly store?: Store;
  /** More options of `authnzLdap`. */
  readonly ldapOptions?: Partial<AuthnzLdapOptions>;
}

/** The mail pages, and how to shut them down. */
export interface Mail {
  readonly router: Router;
  readonly ldap: AuthnzLdap;
  close(): Promise<void>;
}

/**
 * A tiny webmail, to be mounted at `/mail`: its users are the mail server's, who sign in as Dovecot's configuration says, and may send if Postfix' table of
 * suspended accounts does not refuse them. Both files are read as they are, but for the server's address.
 */
export function createMail(settings: MailSettings): Mail {
  const { server, mechanism, sessionSecret, store, ldapOptions } = settings;
  const dovecot = read("dovecot-ldap.conf.ext").replace(/^uris = .*$/m, `uris = ${server}`);
  const table = ldapTable(
    { text: read(TABLE).replace(/^server_host = .*$/m, `server_host = ${server}`), name: TABLE },
    ldapOptions?.log && { log: ldapOptions.log },
  );
  const ldap = authnzLdap({
    ...fromDovecotConfig(dovecot, { attributes: ["mail"] }),
    realm: "Mail",
    mechanisms: [mechanism],
    ...ldapOptions,
  });
  const outbox = createOutbox();
  const router = express.Router();
  router.use(
    session({
      ...(store && { store }),
      name: "mail.sid",
      secret: sessionSecret,
      resave: false,
      saveUninitialized: false,
      cookie: { path: "/mail", httpOnly: true, sameSite: "lax", secure: "auto" },
    }),
  );
  router.use(ldap);

  router.get("/", (req, res) => {
    const { UID: username = "", MAIL: address = "" } = ldap.authenticated(req);
    res.send(mailPage({ username, address }, outbox.messages()));
  });

  // Who is suspended can still read: only this route asks.
  const maySend = requireRestriction(table, {
    key: (req) => ldap.authenticated(req).values("mail"),
    keys: addressKeys({ recipientDelimiter: "+" }),
  });
  const readForm = express.urlencoded({ extended: false, limit: "16kb" });
  router.post("/", sameSiteOnly, maySend, readForm, (req, res) => {
    const { UID: username = "", MAIL: from = "" } = ldap.authenticated(req);
    const { to, subject, text } = (req.body ?? {}) as Readonly<Record<string, unknown>>;
    if (!isAddress(to) || typeof subject !== "string" || typeof text !== "string") {
      const problem = "Mail needs an address to go to, such as testuser1@example.org.";
      res.status(400).send(mailPage({ username, address: from }, outbox.messages(), problem));
      return;
    }
    outbox.add({ from, to, subject, text });
    res.redirect(303, req.baseUrl);
  });
  router.use(ldap.errorHandler);

  return {
    router,
    ldap,
    async close() {
      await ldap.close();
      await table.close();
    },
  };
}

function read(file: string): string {
  return readFileSync(new URL(`./${file}`, import.meta.url), "utf8");
}
