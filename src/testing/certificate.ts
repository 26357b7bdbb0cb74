import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  type X509Certificate,
} from "node:crypto";
import { isIP } from "node:net";
import { ConfigError } from "../errors.ts";
import { parseDn } from "../ldap/dn.ts";
import { element, integer } from "./ber-element.ts";

/** A certificate with its private key, both PEM: what `tls.createSecureContext` takes. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** The subject as a DN. Default: `cn=localhost`. */
  readonly subject?: string;
  /** Names and addresses it is good for. Default: `localhost`, `127.0.0.1` and `::1`; `[]` for a client. */
  readonly hosts?: readonly string[];
  /** Default: an hour ago. */
  readonly notBefore?: Date;
  /** Default: in ten years. */
  readonly notAfter?: Date;
}

/** A certificate authority that lives as long as this object. For tests: its key protects nothing. */
export interface CertificateAuthority {
  /** The authority's own certificate, PEM: a client's `ca`. */
  readonly cert: string;
  /** A server's or client's certificate, signed by this authority. Throws `ConfigError` if the subject is no DN. */
  issue(options?: CertificateOptions): Certificate;
}

const HOSTS = ["localhost", "127.0.0.1", "::1"];
const HOUR = 3_600_000;
const TEN_YEARS = 10 * 365 * 24 * HOUR;

/** Makes a certificate authority with an ECDSA P-256 key. */
export function createCertificateAuthority(subject = "cn=Test CA"): CertificateAuthority {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = encodeName(subject);
  const issuer = { name, key: keys.privateKey };
  return {
    cert: encodeCertificate({
      issuer,
      subject: name,
      publicKey: keys.publicKey,
      extensions: [
        // basicConstraints: CA:TRUE; keyUsage: keyCertSign, cRLSign
        extension("2.5.29.19", element(0x30, element(0x01, Buffer.of(0xff))), true),
        extension("2.5.29.15", element(0x03, Buffer.of(1, 0x06)), true),
        extension("2.5.29.14", element(0x04, keyIdentifier(keys.publicKey))),
      ],
      options: {},
    }),
    issue: (options = {}) => issue(options, { ...issuer, publicKey: keys.publicKey }),
  };
}

/** A server certificate that no authority signed. */
export function createSelfSignedCertificate(options: CertificateOptions = {}): Certificate {
  return issue(options, undefined);
}

function issue(
  options: CertificateOptions,
  issuer: { name: Buffer; key: KeyObject; publicKey: KeyObject } | undefined,
): Certificate {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = encodeName(options.subject ?? "cn=localhost");
  const hosts = (options.hosts ?? HOSTS).map(encodeHost);
  const cert = encodeCertificate({
    issuer: issuer ?? { name: subject, key: keys.privateKey },
    subject,
    publicKey: keys.publicKey,
    extensions: [
      extension("2.5.29.19", element(0x30), true),
      // keyUsage: digitalSignature; extKeyUsage: serverAuth, clientAuth
      extension("2.5.29.15", element(0x03, Buffer.of(7, 0x80)), true),
      extension("2.5.29.37", element(0x30, oid("1.3.6.1.5.5.7.3.1"), oid("1.3.6.1.5.5.7.3.2"))),
      extension("2.5.29.14", element(0x04, keyIdentifier(keys.publicKey))),
      extension(
        "2.5.29.35",
        element(0x30, element(0x80, keyIdentifier(issuer?.publicKey ?? keys.publicKey))),
      ),
      ...(hosts.length > 0 ? [extension("2.5.29.17", element(0x30, ...hosts))] : []),
    ],
    options,
  });
  return { cert, key: keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

/** RFC 5280 section 4.1. */
function encodeCertificate(parts: {
  readonly issuer: { readonly name: Buffer; readonly key: KeyObject };
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly options: CertificateOptions;
}): string {
  const { issuer, subject, publicKey, extensions, options } = parts;
  const algorithm = element(0x30, oid("1.2.840.10045.4.3.2"));
  // Positive, and never the same twice: some clients refuse another certificate of the same number.
  const serial = randomBytes(16);
  serial.writeUInt8((serial.readUInt8(0) & 0x3f) | 0x40, 0);
  const validity = element(
    0x30,
    encodeTime(options.notBefore ?? new Date(Date.now() - HOUR)),
    encodeTime(options.notAfter ?? new Date(Date.now() + TEN_YEARS)),
  );
  const toBeSigned = element(
    0x30,
    element(0xa0, integer(2)),
    element(0x02, serial),
    algorithm,
    issuer.name,
    validity,
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    element(0xa3, element(0x30, ...extensions)),
  );
  const signature = sign("sha256", toBeSigned, issuer.key);
  const der = element(0x30, toBeSigned, algorithm, element(0x03, Buffer.of(0), signature));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((part) => {
    const groups = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) groups.unshift(0x80 | (left & 0x7f));
    return groups;
  });
  return element(0x06, Buffer.from(bytes));
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  const flag = critical ? [element(0x01, Buffer.of(0xff))] : [];
  return element(0x30, oid(id), ...flag, element(0x04, value));
}

function keyIdentifier(publicKey: KeyObject): Buffer {
  return createHash("sha1")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest();
}

/** GeneralizedTime from 2050 on and before 1950, UTCTime in between (RFC 5280 section 4.1.2.5). */
function encodeTime(date: Date): Buffer {
  const text = date.toISOString().replaceAll(/[-T:]|\.[0-9]+/g, "");
  const isShort = text >= "1950" && text < "2050";
  return isShort ? element(0x17, text.slice(2)) : element(0x18, text);
}

const NAME_TYPES: Readonly<Record<string, string>> = {
  cn: "2.5.4.3",
  sn: "2.5.4.4",
  c: "2.5.4.6",
  l: "2.5.4.7",
  st: "2.5.4.8",
  o: "2.5.4.10",
  ou: "2.5.4.11",
  uid: "0.9.2342.19200300.100.1.1",
  dc: "0.9.2342.19200300.100.1.25",
};

/** A DN as an X.501 name, which begins at the root. */
function encodeName(text: string): Buffer {
  const dn = parseDn(text);
  if (dn === undefined || dn.length === 0) {
    throw new ConfigError(`the subject “${text}” is no DN`, { option: "subject" });
  }
  const rdns = dn.toReversed().map((rdn) =>
    element(
      0x31,
      ...rdn.map(({ type, value }) => {
        const id = NAME_TYPES[type.toLowerCase()];
        if (id === undefined) {
          const known = Object.keys(NAME_TYPES).join(", ");
          throw new ConfigError(`the subject “${text}” has “${type}”; known are ${known}`, {
            option: "subject",
          });
        }
        // IA5String for dc, PrintableString for c, UTF8String for all else.
        const tag = type.toLowerCase() === "dc" ? 0x16 : type.toLowerCase() === "c" ? 0x13 : 0x0c;
        return element(0x30, oid(id), element(tag, value));
      }),
    ),
  );
  return element(0x30, ...rdns);
}

/** A GeneralName: dNSName or iPAddress. */
function encodeHost(host: string): Buffer {
  const version = isIP(host);
  if (version === 0) return element(0x82, host);
  return element(0x87, version === 4 ? Buffer.from(host.split(".").map(Number)) : ipv6Bytes(host));
}

function ipv6Bytes(address: string): Buffer {
  const [head = "", tail] = address.split("::");
  const groups = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  const hex = [...before, ...zeros, ...after].map((group) => group.padStart(4, "0"));
  return Buffer.from(hex.join(""), "hex");
}

/** The subject of a client certificate as a DN, the entry's own RDN first as LDAP writes it. */
export function subjectDn(certificate: X509Certificate): string {
  return certificate.subject.split("\n").reverse().join(",");
}
