export type { Entry } from "../ldap/entry.ts";
export type { AccessRequest, MayAccess, OperationName } from "./access.ts";
export { defaultAccess } from "./access.ts";
export {
  type Certificate,
  type CertificateAuthority,
  type CertificateOptions,
  createCertificateAuthority,
  createSelfSignedCertificate,
} from "./certificate.ts";
export type { BadCertificate, Fault } from "./faults.ts";
export type { OperationRecord } from "./operation-record.ts";
export {
  startDirectory,
  type TestDirectory,
  type TestDirectoryOptions,
} from "./start-directory.ts";
export type { OwnCertificate } from "./tls-settings.ts";
