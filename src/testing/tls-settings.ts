import { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import {
  type Certificate,
  type CertificateAuthority,
  createCertificateAuthority,
  createSelfSignedCertificate,
  subjectDn,
} from "./certificate.ts";
import type { BadCertificate } from "./faults.ts";

/** A key and a certificate of one's own, PEM. `ca` verifies client certificates and is what `TestDirectory.ca` gives. */
export interface OwnCertificate extends Certificate {
  readonly ca?: string;
}

/** How the directory speaks TLS. */
export interface TlsSettings {
  readonly ca: string | undefined;
  /** Begins TLS on a connection, with the right certificate or a bad one. */
  secure(socket: Socket, bad: BadCertificate | undefined): TLSSocket;
  /** The subject of a client's certificate if our authority issued it and it is valid now. */
  clientSubject(socket: TLSSocket): string | undefined;
}

const DAY = 24 * 3_600_000;

/** `true` makes a certificate authority and a server certificate on the spot. */
export function createTlsSettings(tls: true | OwnCertificate): TlsSettings {
  const authority = createCertificateAuthority();
  const own: OwnCertificate = tls === true ? { ...authority.issue(), ca: authority.cert } : tls;
  const contexts = new Map<BadCertificate | "good", SecureContext>();

  function contextFor(kind: BadCertificate | "good"): SecureContext {
    const known = contexts.get(kind);
    if (known !== undefined) return known;
    const { key, cert } = kind === "good" ? own : makeBadCertificate(kind, authority);
    const context = createSecureContext({ key, cert, ...(own.ca && { ca: own.ca }) });
    contexts.set(kind, context);
    return context;
  }
  // A certificate that can't be used is a mistake of whoever starts the directory, who learns of it at once.
  contextFor("good");

  return {
    ca: own.ca,
    secure: (socket, bad) =>
      new TLSSocket(socket, {
        isServer: true,
        secureContext: contextFor(bad ?? "good"),
        requestCert: true,
        // Verified in clientSubject: a certificate that is not ours is no reason to refuse the connection.
        rejectUnauthorized: false,
      }),
    clientSubject(socket) {
      const certificate = socket.getPeerX509Certificate();
      if (certificate === undefined || own.ca === undefined) return undefined;
      return isIssuedBy(certificate, new X509Certificate(own.ca))
        ? subjectDn(certificate)
        : undefined;
    },
  };
}

function isIssuedBy(certificate: X509Certificate, ca: X509Certificate): boolean {
  const now = Date.now();
  return (
    certificate.checkIssued(ca) &&
    certificate.verify(ca.publicKey) &&
    Date.parse(certificate.validFrom) <= now &&
    now <= Date.parse(certificate.validTo)
  );
}

function makeBadCertificate(kind: BadCertificate, authority: CertificateAuthority): Certificate {
  switch (kind) {
    case "expired":
      return authority.issue({
        notBefore: new Date(Date.now() - 2 * DAY),
        notAfter: new Date(Date.now() - DAY),
      });
    case "not-yet-valid":
      return authority.issue({ notBefore: new Date(Date.now() + DAY) });
    case "wrong-host":
      return authority.issue({ subject: "cn=wrong.example", hosts: ["wrong.example"] });
    case "unknown-ca":
      return createCertificateAuthority("cn=Another CA").issue();
    case "self-signed":
      return createSelfSignedCertificate();
  }
}
