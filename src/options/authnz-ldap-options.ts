import type { Mechanism } from "../authentication/credentials.ts";
import type { Levels } from "../authorization/level.ts";
import type { Log } from "../log.ts";
import type { LdapTable } from "../tables/ldap-table.ts";
import type { AccountTexts } from "../web/account-texts.ts";
import type { Authenticated } from "../web/authenticated.ts";
import type { RedisClient } from "../web/redis-client.ts";
import type { LoginView } from "../web/views/login-view.ts";
import type { OtherProvider } from "./other-provider.ts";

/** TLS towards the directory. Certificates are always verified unless the last option says otherwise. */
export interface TlsOptions {
  /** PEM text of the authorities to trust, instead of the system's. Default: Node's own list. */
  readonly ca?: string | readonly string[];
  /** A file with the same; read at start. */
  readonly caFile?: string;
  /**
   * PEM text of the service account's client certificate. Without `bindDn` the service account then binds with SASL
   * EXTERNAL (RFC 4422 appendix A). Never shown on the connections that check visitors' passwords.
   */
  readonly cert?: string;
  /** A file with the same; read at start. */
  readonly certFile?: string;
  /** PEM text of the certificate's private key. */
  readonly key?: string;
  /** A file with the same; read at start. */
  readonly keyFile?: string;
  /** Decrypts the private key. */
  readonly passphrase?: string;
  /** Default: `"TLSv1.2"`. */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
  /** The name that the certificate must be for. Default: the URL's host. */
  readonly serverName?: string;
  /** Accepts every certificate, and with it every server that claims to be yours. Logged at each start. Default: false. */
  readonly dangerouslyAcceptAnyCertificate?: boolean;
}

/** A table of `restrictions`, alone or with what it is asked for. */
export type RestrictionOption =
  | LdapTable
  | {
      readonly table: LdapTable;
      /** The key of somebody, or several that are tried in order until one is found, see `addressKeys`. Undefined, empty or `[]` refuses them. */
      readonly key: (who: Authenticated) => string | readonly string[] | undefined;
    };

/** Options of `authnzLdap`. Unknown ones are errors. All times are in milliseconds. */
export interface AuthnzLdapOptions<Url extends string = string> {
  /**
   * Apache's AuthLDAPURL: where to look, what the login name is compared with, what the application gets to see.
   * `ldap://host:port/base?attributes?scope?filter`, several hosts separated by spaces, and optionally NONE, SSL, TLS or
   * STARTTLS behind it. `ldap://` means StartTLS, except on loopback, where it means plain. See docs/authldapurl.md.
   */
  readonly url: Url;
  /**
   * The DN of the service account that searches (AuthLDAPBindDN); for Active Directory also `user@domain` or
   * `DOMAIN\\user`. Default: anonymous.
   */
  readonly bindDn?: string;
  /** Its password, or where to get it; functions and files are asked again at each new connection, so it can be rotated. Default: none. */
  readonly bindPassword?: string | (() => string | Promise<string>) | { readonly file: string };
  /**
   * Whether a connection without `bindDn` says that it is nobody (RFC 4513 section 5.1.1) before it searches, as httpd's do: a server that
   * refuses anonymous binds is then not searched. Default: false.
   */
  readonly anonymousBind?: boolean;
  /**
   * `"none"` sends passwords in clear to any host, and says so in the log. An object means TLS with these settings, also
   * on loopback. Default: TLS with Node's certificate authorities.
   */
  readonly tls?: "none" | TlsOptions;
  /**
   * Whether alias entries are followed (RFC 4511 section 4.5.1.3; AuthLDAPDereferenceAliases): below the base (`searching`), where the base is
   * one (`finding`), both (`always`), or not at all. Default: `"never"`.
   */
  readonly dereferenceAliases?: "never" | "searching" | "finding" | "always";
  /**
   * Servers that referrals and search references are followed to (`ldap://host:port`, `ldaps://host`), secured like the URL's own and bound as
   * the same service account; all others are not. `hops` is how many in a row. Default: none; 5 hops.
   */
  readonly referrals?: { readonly allow: readonly string[]; readonly hops?: number };
  /**
   * Whether a wrong password here ends the login (AuthLDAPBindAuthoritative). With false `otherProviders` are asked then, and also where
   * this directory could not answer. Default: true.
   */
  readonly bindAuthoritative?: boolean;
  /**
   * Searches for the visitor under their own name and password (AuthLDAPInitialBindAsUser, AuthLDAPInitialBindPattern). The name is matched by
   * `pattern`, and `dn` with `$0`…`$9` is who binds; what is put in is escaped (RFC 4514), unless it is the whole of `dn`. Default: off.
   */
  readonly initialBindAsUser?: boolean | { readonly pattern: RegExp | string; readonly dn: string };
  /**
   * Guards that search do so as the visitor (AuthLDAPSearchAsUser); needs their password with each request, so HTTP Basic only.
   * Default: false.
   */
  readonly searchAsUser?: boolean;
  /** The same for guards that compare (AuthLDAPCompareAsUser). Nested groups need both. Default: false. */
  readonly compareAsUser?: boolean;
  /**
   * What `environment(req)` shows as REMOTE_USER, and `requireRemoteUser` compares: the name, the DN (AuthLDAPRemoteUserIsDN), or an attribute of the URL
   * (AuthLDAPRemoteUserAttribute). Default: `"name"`.
   */
  readonly remoteUser?: "name" | "dn" | { readonly attribute: string; readonly orDn?: boolean };
  /** The prefix of the variables that a granted guard adds to `environment(req)` (AuthLDAPAuthorizePrefix). Default: `"AUTHORIZE_"`. */
  readonly authorizePrefix?: string;
  /**
   * Who is asked, in turn, about a name that this directory does not know: `passwordFile(…)`, `otherDirectory(…)`. Default: nobody.
   */
  readonly otherProviders?: readonly OtherProvider[];
  /** The realm in the Basic challenge, and the heading of the login page (AuthName). Default: `"Sign in"`. */
  readonly realm?: string;
  /** Whether HTTP Basic is accepted and offered. Default: true. */
  readonly basic?: boolean;
  /** What happens to a visitor who is not signed in: refused, or let through for the guards to decide. Default: `"refuse"`. */
  readonly anonymous?: "refuse" | "allow";
  /** The login form; there is one where express-session is mounted before. */
  readonly login?: {
    /** Relative to where the middleware is mounted. Default: `"/login"`. */
    readonly path?: string;
    /** Takes only POST. Default: `"/logout"`. */
    readonly logoutPath?: string;
    /** Renders the login page. Default: the built-in page. */
    readonly view?: LoginView;
  };
  /** How long a login lasts. The shorter of the two timeouts wins. */
  readonly session?: {
    /** After how long a signed-in person's entry is read again; they are signed out if it no longer matches. 0 means
     * at each request. Default: 60,000. */
    readonly revalidateAfter?: number;
    /** A session ends when no request came for this long. Default: 30 minutes. */
    readonly idleTimeout?: number;
    /** A session ends this long after the login. Default: 12 hours. */
    readonly absoluteTimeout?: number;
    /**
     * For how long after `revalidateAfter` a session goes on with what was read last while the directory can't be asked. 0 answers 503 then.
     * Default: 0.
     */
    readonly staleFor?: number;
  };
  /**
   * Follows changes in the directory, so that who is suspended there is out at once and not only after `session.revalidateAfter`: by content
   * synchronization (RFC 4533; OpenLDAP with syncprov, 389), Active Directory's change notification, or by a look at the server's change counter once a
   * second, whichever the server offers. It takes one more connection. `false` turns it off. Default: `"auto"`.
   */
  readonly watch?: "auto" | false;
  /**
   * Right logins, and what compares and searches of guards found, are remembered for `ttl` and used for HTTP Basic; the password is kept only as a
   * digest under a key of this process. A wrong password is remembered for `wrongPasswordTtl`, so that a client that repeats it locks no account.
   * `size` is the most of each. `false` turns it off. Default: 30,000, 30,000 and 10,000.
   */
  readonly cache?:
    | false
    | { readonly ttl?: number; readonly wrongPasswordTtl?: number; readonly size?: number };
  /**
   * Whether the account's state is looked at after a right password, and at each rereading, in what can be read of the entry: userAccountControl,
   * accountExpires, pwdLastSet, nsAccountLock, shadowExpire, pwdAccountLockedTime. What the server itself says of it is always honoured. Default: true.
   */
  readonly accountState?: boolean;
  /**
   * Lets people change their password at `path`, with the old one, where the connection to the directory is protected by TLS (RFC 3062; unicodePwd on
   * Active Directory). Default: false.
   */
  readonly passwordChange?: boolean | { readonly path?: string };
  /** The words for account states and warnings, by their code; what is missing is said in English. */
  readonly texts?: AccountTexts;
  /**
   * Shares the throttle's counts and the knowledge of who was signed out among several processes: a client of node-redis or ioredis, connected by the
   * application, and what keys begin with. Default: this process' memory; `"authnz-ldap:"`.
   */
  readonly redis?: { readonly client: RedisClient; readonly prefix?: string };
  /**
   * Who checks passwords. `"bind"`: the directory, by a bind. `"stored"`: this process, against what the service account reads from `attribute` (Dovecot's
   * `auth_bind = no`): the schemes of `verifyPassword`. Only the first value counts, as in Dovecot, unless `allValues`. `defaultScheme` is that of values without `{SCHEME}`
   * (default_pass_scheme). Default: `"bind"`; `userPassword`, no default scheme, false.
   */
  readonly passwords?:
    | "bind"
    | "stored"
    | {
        readonly attribute?: string;
        readonly defaultScheme?: string;
        readonly allValues?: boolean;
      };
  /**
   * How people show that they know their password (Dovecot's auth_mechanisms). All but `"plain"` are challenge and response, by the login page's script or JSON,
   * so that the password never leaves the browser, and need `passwords: "stored"`. Without `"plain"` no password is accepted, HTTP Basic included. Default: `["plain"]`.
   */
  readonly mechanisms?: readonly Mechanism[];
  /**
   * Makes the salt that SCRAM shows for names that nobody has, so that it is the same in each process and after a restart: at least 32 letters that nobody
   * knows. Default: a random one of this process.
   */
  readonly scramSecret?: string;
  /**
   * Where passwords are asked for and accepted (Dovecot's `ssl = required`): over TLS only (`true`), also from this machine itself, or over plain HTTP too (`false`).
   * Express' `trust proxy` decides what counts as TLS behind a proxy. Default: `"loopback-or-tls"`.
   */
  readonly requireTls?: boolean | "loopback-or-tls";
  /**
   * Tables that may refuse somebody although their password is right (Postfix's smtpd_sender_restrictions), looked at when they sign in and whenever their entry is read
   * again, in this order: OK ends it, DUNNO asks the next. A table alone is asked for their `mail`, each value until one is found, if the URL has it, and who has none is
   * refused; else for their name. The instance does not close them. Default: none.
   */
  readonly restrictions?: readonly RestrictionOption[];
  /** What `requireLevel` looks at. Default: taken from the URL, see `requireLevel`. */
  readonly levels?: Levels;
  /**
   * Wrong passwords that are allowed per name within `window`, and ten times as many per address; then 429. Keep it below
   * the directory's own lockout, so that nobody can lock another's account. Default: 5 within 5 minutes. `false` turns it off.
   */
  readonly throttle?: false | { readonly failures?: number; readonly window?: number };
  /** The time that one request may spend on the directory, all operations together. Default: 5,000. */
  readonly timeout?: number;
  /** Connections to the directory: opened when they are needed, closed when they were idle. */
  readonly connections?: {
    /** Connections for searches, shared by all requests. Default: 2. */
    readonly search?: number;
    /** The most connections that check passwords at the same time; logins per second ≤ number ÷ round trip. Default: 32. */
    readonly bind?: number;
    /** Closes a connection that was idle for this long; stay below firewalls and Active Directory's 15 minutes. Default: 5 minutes. */
    readonly idleTimeout?: number;
  };
  /** Where records about logins and the directory go. Default: warnings and errors, as JSON lines on standard error. */
  readonly log?: Log;
}
