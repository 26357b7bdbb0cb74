import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { TlsSettings } from "../directory/directory-settings.ts";
import { ConfigError } from "../errors.ts";
import type { TableSettings } from "./table-settings.ts";

/**
 * The tls_ parameters of a table, its files read. Any certificate will do where tls_require_cert is no. Throws a `ConfigError` for files that can't be read or
 * hold nothing of the kind.
 */
export function tableTls({ name, tls }: Pick<TableSettings, "name" | "tls">): TlsSettings {
  const { caFile, caDirectory, certFile, keyFile, cipherSuite } = tls;
  const wrong = (option: string, problem: string, cause?: unknown) =>
    new ConfigError(`${name}: ${option}: ${problem}`, { option, cause });

  function read<T>(option: string, path: string, how: (path: string) => T): T {
    try {
      return how(path);
    } catch (cause) {
      const code = cause instanceof Error && "code" in cause ? ` (${cause.code})` : "";
      throw wrong(option, `can't read ${path}${code}`, cause);
    }
  }
  function readCertificates(option: string, path: string, how: (path: string) => Buffer[]) {
    const found = read(option, path, how).filter(holdsCertificate);
    if (found.length === 0) throw wrong(option, `${path} holds no certificate`);
    return found;
  }

  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw wrong(
      certFile === undefined ? "tls_cert" : "tls_key",
      "tls_cert and tls_key need one another",
    );
  }
  const ca = [
    ...(caFile === undefined ? [] : readCertificates("tls_ca_cert_file", caFile, filesAt)),
    ...(caDirectory === undefined
      ? []
      : readCertificates("tls_ca_cert_dir", caDirectory, filesInFolder)),
  ];
  return {
    minVersion: "TLSv1.2",
    ...(ca.length > 0 && { ca }),
    ...(certFile !== undefined && { cert: read("tls_cert", certFile, readFileSync) }),
    ...(keyFile !== undefined && { key: read("tls_key", keyFile, readFileSync) }),
    ...(cipherSuite !== undefined && { ciphers: cipherSuite }),
    ...(!tls.requireCertificate && { dangerouslyAcceptAnyCertificate: true }),
  };
}

function holdsCertificate(pem: Buffer): boolean {
  return pem.includes("-----BEGIN CERTIFICATE-----");
}

function filesAt(path: string): Buffer[] {
  return [readFileSync(path)];
}

function filesInFolder(folder: string): Buffer[] {
  const paths = readdirSync(folder).map((file) => join(folder, file));
  return paths.filter(isFile).map((path) => readFileSync(path));
}

/** Links to files are files; the hashes in such folders are links, some to nothing. */
function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
