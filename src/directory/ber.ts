/** ldapts' reader and writer of BER, for what speaks LDAP below its `Client`. */
export { BerReader, BerWriter } from "ldapts";
