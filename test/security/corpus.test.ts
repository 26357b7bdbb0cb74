import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { LogRecord } from "../../src/log.ts";
import { cutMessage, decodeMessage } from "../../src/testing/message.ts";
import { decodeRequest, type Request } from "../../src/testing/request.ts";
import { type FaultProxy, startFaultProxy } from "../support/fault-proxy.ts";
import { SERVICE } from "../support/faulty-site.ts";
import { type ProtectedApp, protectedApp } from "../support/protected-app.ts";
import { getHead, rawStatus } from "../support/raw-http.ts";
import { bothDirectories, type RunningDirectory } from "../support/real-and-built-in.ts";
import { unhandled } from "../support/watched-process.ts";
import { WITHOUT_MEMORY } from "../support/without-memory.ts";

const PEOPLE = "ou=People,dc=domain,dc=org";
const LONG = "x".repeat(301);

/** Refused before the directory is asked anything. */
const UNACCEPTABLE_NAMES = [
  ...[
    "",
    " ",
    "   ",
    "\t",
    "\r\n",
    "\u00a0",
    "\0",
    "alice\0",
    "\0alice",
    "al\0ice",
    "alice\r\n",
    "alice\nbob",
    "a\x1b[2Jb",
  ],
  ...["alice\x7f", "\x85", LONG],
];

/** Names that mean something to somebody else, and are letters here. They are searched for as they are, and nobody is found. */
const LITERAL_NAMES = [
  // To a filter.
  ...[
    "*",
    "a*",
    "al*e",
    "*)(uid=*",
    "alice)(|(uid=*",
    "admin)(|(uid=*",
    "alice)(userPassword=*",
    "*))(|(uid=*",
  ],
  ...[
    "\\2a",
    "\\28",
    "\\00",
    "(",
    ")",
    "\\",
    "&",
    "|",
    "!",
    "(&)",
    "alice)(objectClass=*",
    "alice))%00",
    "=",
    "~=alice",
  ],
  // To a DN.
  ...[
    "x,ou=admins",
    "x+cn=y",
    "#x",
    '"',
    "<",
    ">",
    ";",
    "alice,dc=evil",
    `uid=alice,${PEOPLE}`,
    "\\23x",
    "cn=admin",
  ],
  // To SASL.
  ...["EXTERNAL", "PLAIN", "DIGEST-MD5", "SCRAM-SHA-1", "GSSAPI", "ANONYMOUS"],
  // To JavaScript, HTML, a shell, a log.
  ...[
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "\u0024{alice}",
    "%{alice}",
    "$1",
    "{{alice}}",
  ],
  ...[
    '"><script>alert(1)</script>',
    "';--",
    "$(id)",
    "`id`",
    "../../etc/passwd",
    "%s%n",
    "a\u2028b",
    "\u202ealice",
  ],
  // To Active Directory.
  ...[
    "DOMAIN\\alice",
    "alice@evil.example",
    "alice@notdomain.org",
    "alice@domain.org.",
    ".\\alice",
  ],
  // Like somebody else to the eye.
  ...["аlice", "alıce", "ａlice.", "al\u00e4ce", "alice\u200b.", "e\u0301rin", "x".repeat(300)],
];

/** Spellings that the directory itself takes for one person. */
const SPELLINGS = [
  "alice",
  "ALICE",
  "Alice",
  " alice",
  "alice ",
  "  ALICE  ",
  "ALİCE",
  "ａｌｉｃｅ",
];

/** Letters that must come through to the very byte, each the password of nobody. */
const PASSWORDS = [
  ...[
    " ",
    "\t",
    "\u00a0",
    "\u200b",
    " alice-pw",
    "alice-pw ",
    "alice-pw\n",
    "ALICE-PW",
    "alice-pw\u0301",
    "*",
    "alice*",
  ],
  ...[
    "{SSHA}fvevPd8vxtoCZBJpDdXGuxaqxxuP31MgkzTkPQ==",
    "alice-pw:x",
    "pässwörd€".normalize("NFD"),
    "😀",
    "x".repeat(1_024),
  ],
];

/** Nothing is sent to the directory for these. */
const UNACCEPTABLE_PASSWORDS = [
  "",
  "\0",
  "\0alice-pw",
  "alice-pw\0",
  "alice-pw\0junk",
  "x".repeat(1_025),
];

/** Bodies that are no login. */
const BODIES: readonly (readonly [type: string, body: string, status: number])[] = [
  ...[
    '{"username":["alice"],"password":"alice-pw"}',
    '{"username":"alice","password":["alice-pw"]}',
    '{"username":"alice","password":{"length":1}}',
    '{"username":"alice","password":true}',
    '{"username":"alice","password":12345678}',
    '{"username":"alice","password":null}',
    '{"username":{"$ne":null},"password":{"$ne":null}}',
    '{"username":"alice"}',
    '{"__proto__":{"username":"alice","password":"alice-pw"}}',
    '{"constructor":{"prototype":{"username":"alice"}},"password":"alice-pw"}',
    "[]",
    '"alice"',
    "null",
    "{",
  ].map((body) => ["application/json", body, 400] as const),
  ...[
    "username=alice",
    "username=alice&password[]=alice-pw",
    "username[]=*&password=alice-pw",
    "username=alice&username=bob&password=alice-pw",
    "username=alice&password=alice-pw&password=x",
    "username[$ne]=x&password[$ne]=x",
    "__proto__[username]=alice&__proto__[password]=alice-pw",
  ].map((body) => ["application/x-www-form-urlencoded", body, 400] as const),
  ["application/json", JSON.stringify({ username: "alice", password: "x".repeat(1_048_576) }), 413],
  ["application/x-www-form-urlencoded", `username=alice&password=${"x".repeat(1_048_576)}`, 413],
  ["text/plain", "username=alice&password=alice-pw", 415],
];

/** Headers in which others say who is signed in, or what the request is. */
const HEADERS = [
  ...[
    "X-Forwarded-User: alice",
    "X-Remote-User: alice",
    "Remote-User: alice",
    "REMOTE_USER: alice",
    "X_Forwarded_User: alice",
  ],
  ...[
    "Authenticated: alice",
    "X-Authenticated: alice",
    "Authorization: Bearer alice",
    "Authorization: alice-pw",
  ],
  ...[
    "Proxy-Authorization: Basic YWxpY2U6YWxpY2UtcHc=",
    "X-Forwarded-For: 127.0.0.1",
    "X-Original-URL: /login",
  ],
  ...[
    "X-HTTP-Method-Override: POST",
    "X-Rewrite-URL: /login",
    "Connection: Authorization",
    "Cookie: connect.sid=alice",
  ],
  ...[
    "Authorization: Basic YWxpY2U6",
    "Authorization: Basic OmFsaWNlLXB3",
    "Authorization: Basic YWxpY2U",
    "Authorization: Basic",
  ],
  ...[
    "Authorization: Basic YWxpY2U6YWxpY2UtcHc=, Basic x",
    "Authorization: Basic YWxpY2U6AGFsaWNlLXB3",
  ],
  ...[
    "Authorization: Basic YWxpY2U6/w==",
    "Authorization: Basic YWxpY2UAOmFsaWNlLXB3",
    "Authorization: Negotiate YWxpY2U6",
  ],
];

function decoded(bytes: Buffer): Request {
  const { message = Buffer.alloc(0) } = cutMessage(bytes) ?? {};
  return decodeRequest(decodeMessage(message).operation);
}

for (const { name, skip, start } of bothDirectories) {
  describe(`with ${name}, an app`, { skip }, () => {
    let directory: RunningDirectory;
    let proxy: FaultProxy;
    let site: ProtectedApp;
    const asked: Request[] = [];
    const log: LogRecord[] = [];

    before(async () => {
      directory = await start();
      proxy = await startFaultProxy(directory.port, SERVICE.bindDn);
      proxy.interfere = ({ side, id, phase, bytes }) => {
        const isVisitors = phase === "search" || phase === "user-bind";
        if (side === "asked" && id > 0 && isVisitors) asked.push(decoded(bytes));
        return false;
      };
      site = await protectedApp({
        url: `ldap://127.0.0.1:${proxy.port}/dc=domain,dc=org?uid,mail?sub`,
        ...SERVICE,
        ...WITHOUT_MEMORY,
        // Headers that only a proxy sends are among the hostile ones.
        requireTls: false,
        log: (record) => log.push(record),
      });
    });
    after(async () => {
      await site.close();
      await proxy.close();
      await directory.close();
    });

    async function send(
      type: string,
      body: string,
    ): Promise<{ status: number; text: string; asked: readonly Request[] }> {
      asked.length = 0;
      log.length = 0;
      const answer = await fetch(`${site.url}/login`, {
        method: "POST",
        headers: { "content-type": type },
        body,
        redirect: "manual",
      });
      const text = await answer.text();
      assert.equal(answer.headers.getSetCookie().length, answer.status < 400 ? 1 : 0);
      // But for the name that was typed, which stands in the form again.
      const said = text.replaceAll(/ value="[^"]*"/g, "");
      assert(!/dc=domain|127\.0\.0\.1|objectClass|\bat .*\.ts:/.test(said), said);
      const lines = log.map((record) => JSON.stringify(record));
      assert(lines.length <= 1 && lines.every((line) => line.length < 3_000), lines.join());
      return { status: answer.status, text, asked: [...asked] };
    }
    const signIn = (username: string, password: string) =>
      send("application/json", JSON.stringify({ username, password }));

    it("asks the directory nothing for a name that can be nobody's", async () => {
      for (const username of UNACCEPTABLE_NAMES) {
        const { status, asked: sent } = await signIn(username, "alice-pw");
        assert.deepEqual([username, status, sent], [username, 401, []]);
      }
    });

    it("searches for what was typed, byte for byte, and for nothing else", async () => {
      for (const username of LITERAL_NAMES) {
        const { status, asked: sent } = await signIn(username, "alice-pw");
        assert.deepEqual([username, status], [username, 401]);
        const [search, bind, ...more] = sent;
        assert.deepEqual([username, more], [username, []]);
        assert(search?.operation === "search" && bind?.operation === "bind", username);
        assert.deepEqual(search.filter, {
          type: "and",
          filters: [
            { type: "present", attribute: "objectClass" },
            { type: "equal", attribute: "uid", value: Buffer.from(username) },
          ],
        });
        assert.equal(search.dn, "dc=domain,dc=org");
        // Nobody is there to bind as: a name that cannot exist is, and the visitor's password is not sent.
        assert.match(bind.dn, /^cn=[0-9a-f]+,dc=[0-9a-f]+,dc=invalid$/);
        assert(
          bind.credentials.kind === "simple" &&
            !bind.credentials.password.equals(Buffer.from("alice-pw")),
        );
      }
    });

    it("shows none of them in the page but as text", async () => {
      for (const username of LITERAL_NAMES) {
        const { text, status } = await send(
          "application/x-www-form-urlencoded",
          new URLSearchParams({ username, password: "x" }).toString(),
        );
        assert.equal(status, 401);
        if (/<\w/.test(username)) assert(!text.includes(username), username);
      }
    });

    it("knows one person by one name, whatever spelling the directory takes for it", async () => {
      for (const username of SPELLINGS) {
        const { status, text } = await signIn(username, "alice-pw");
        assert.deepEqual([username, status, JSON.parse(text).UID], [username, 200, "alice"]);
      }
    });

    it("binds once with a password, as it was typed", async () => {
      for (const password of PASSWORDS) {
        const { status, asked: sent } = await signIn("alice", password);
        assert.deepEqual([password, status], [password, 401]);
        const binds = sent.filter((request) => request.operation === "bind");
        assert.equal(binds.length, 1);
        const [bind] = binds;
        assert(bind?.credentials.kind === "simple");
        assert.equal(bind.dn, `uid=alice,${PEOPLE}`);
        assert.deepEqual(bind.credentials.password, Buffer.from(password));
      }
    });

    it("asks the directory nothing for a password that can be nobody's", async () => {
      for (const password of UNACCEPTABLE_PASSWORDS) {
        const { status, asked: sent } = await signIn("alice", password);
        assert.deepEqual([password.slice(0, 20), status, sent], [password.slice(0, 20), 401, []]);
      }
      const surrogate = '{"username":"alice","password":"\\ud800"}';
      assert.deepEqual((await send("application/json", surrogate)).asked, []);
    });

    it("asks the directory nothing for what is no login", async () => {
      for (const [type, body, expected] of BODIES) {
        const { status, asked: sent } = await send(type, body);
        assert.deepEqual([body.slice(0, 80), status, sent], [body.slice(0, 80), expected, []]);
      }
      assert.equal(Reflect.get({}, "username"), undefined);
    });

    it("believes no header that says who is signed in", async () => {
      asked.length = 0;
      for (const header of HEADERS) {
        const status = await rawStatus(site.url, getHead("/", header));
        assert.deepEqual([header, status], [header, 401]);
      }
      assert.deepEqual(asked, []);
    });

    it("puts a name into a DN as one value of its own", async () => {
      const ownBind = await protectedApp({
        url: `ldap://127.0.0.1:${proxy.port}/dc=domain,dc=org?uid?sub`,
        ...WITHOUT_MEMORY,
        initialBindAsUser: { pattern: "^(.+)$", dn: `uid=$1,${PEOPLE}` },
      });
      const authenticate = async (username: string) => {
        asked.length = 0;
        const { ok } = await ownBind.ldap.authenticate({ username, password: "alice-pw" });
        return { ok, binds: asked.filter((request) => request.operation === "bind") };
      };
      try {
        assert((await authenticate("alice")).ok);
        for (const [username, value] of [
          ["x,ou=admins", "x\\,ou\\=admins"],
          ["x+cn=y", "x\\+cn\\=y"],
          ["#x", "\\#x"],
          [" x ", "\\ x\\ "],
          ['a"b', 'a\\"b'],
          ["a<b;c>", "a\\<b\\;c\\>"],
          ["a\\b", "a\\\\b"],
          [`alice,${PEOPLE}`, "alice\\,ou\\=People\\,dc\\=domain\\,dc\\=org"],
          ["alice,dc=evil", "alice\\,dc\\=evil"],
        ] as const) {
          const { ok, binds } = await authenticate(username);
          const dns = binds.map(({ dn }) => dn);
          assert.equal(ok, false);
          assert(
            dns.every((dn) => dn === `uid=${value},${PEOPLE}` || dn.endsWith(",dc=invalid")),
            dns.join(),
          );
        }
      } finally {
        await ownBind.close();
      }
    });
  });
}

after(() => assert.deepEqual(unhandled, []));
