/**
 * Attribute types of RFC 4519, 4524, 2798, 2307 and Active Directory, one a line: OID, names, matching rule, and `o` if values
 * can be put in order, `s` if substrings can be looked for; then the attribute that it is a subtype of.
 */
export const ATTRIBUTE_TYPES = `
0.9.2342.19200300.100.1.1 uid,userid case-ignore s
0.9.2342.19200300.100.1.2 textEncodedORAddress case-ignore s
0.9.2342.19200300.100.1.3 mail,rfc822Mailbox case-ignore s
0.9.2342.19200300.100.1.4 info case-ignore s
0.9.2342.19200300.100.1.5 drink,favouriteDrink case-ignore s
0.9.2342.19200300.100.1.6 roomNumber case-ignore s
0.9.2342.19200300.100.1.7 photo none -
0.9.2342.19200300.100.1.8 userClass case-ignore s
0.9.2342.19200300.100.1.9 host case-ignore s
0.9.2342.19200300.100.1.10 manager dn -
0.9.2342.19200300.100.1.11 documentIdentifier case-ignore s
0.9.2342.19200300.100.1.12 documentTitle case-ignore s
0.9.2342.19200300.100.1.13 documentVersion case-ignore s
0.9.2342.19200300.100.1.14 documentAuthor dn -
0.9.2342.19200300.100.1.15 documentLocation case-ignore s
0.9.2342.19200300.100.1.20 homePhone,homeTelephoneNumber telephone s
0.9.2342.19200300.100.1.21 secretary dn -
0.9.2342.19200300.100.1.22 otherMailbox none -
0.9.2342.19200300.100.1.23 lastModifiedTime none -
0.9.2342.19200300.100.1.24 lastModifiedBy dn -
0.9.2342.19200300.100.1.25 dc,domainComponent case-ignore s
0.9.2342.19200300.100.1.37 associatedDomain case-ignore s
0.9.2342.19200300.100.1.38 associatedName dn -
0.9.2342.19200300.100.1.39 homePostalAddress case-ignore s
0.9.2342.19200300.100.1.40 personalTitle case-ignore s
0.9.2342.19200300.100.1.41 mobile,mobileTelephoneNumber telephone s
0.9.2342.19200300.100.1.42 pager,pagerTelephoneNumber telephone s
0.9.2342.19200300.100.1.43 co,friendlyCountryName case-ignore s
0.9.2342.19200300.100.1.44 uniqueIdentifier case-ignore -
0.9.2342.19200300.100.1.45 organizationalStatus case-ignore s
0.9.2342.19200300.100.1.46 janetMailbox case-ignore s
0.9.2342.19200300.100.1.47 mailPreferenceOption none -
0.9.2342.19200300.100.1.48 buildingName case-ignore s
0.9.2342.19200300.100.1.53 personalSignature none -
0.9.2342.19200300.100.1.54 dITRedirect dn -
0.9.2342.19200300.100.1.55 audio none -
0.9.2342.19200300.100.1.56 documentPublisher case-ignore s
0.9.2342.19200300.100.1.60 jpegPhoto none -
1.2.840.113549.1.9.1 email,emailAddress,pkcs9email case-ignore s
1.3.6.1.1.1.1.0 uidNumber integer o
1.3.6.1.1.1.1.1 gidNumber integer o
1.3.6.1.1.1.1.2 gecos case-ignore s
1.3.6.1.1.1.1.3 homeDirectory case-exact -
1.3.6.1.1.1.1.4 loginShell case-exact -
1.3.6.1.1.1.1.5 shadowLastChange integer -
1.3.6.1.1.1.1.6 shadowMin integer -
1.3.6.1.1.1.1.7 shadowMax integer -
1.3.6.1.1.1.1.8 shadowWarning integer -
1.3.6.1.1.1.1.9 shadowInactive integer -
1.3.6.1.1.1.1.10 shadowExpire integer -
1.3.6.1.1.1.1.11 shadowFlag integer -
1.3.6.1.1.1.1.12 memberUid case-exact s
1.3.6.1.1.1.1.13 memberNisNetgroup case-exact s
1.3.6.1.1.1.1.14 nisNetgroupTriple none -
1.3.6.1.1.1.1.15 ipServicePort integer -
1.3.6.1.1.1.1.16 ipServiceProtocol case-ignore s name
1.3.6.1.1.1.1.17 ipProtocolNumber integer -
1.3.6.1.1.1.1.18 oncRpcNumber integer -
1.3.6.1.1.1.1.19 ipHostNumber case-ignore -
1.3.6.1.1.1.1.20 ipNetworkNumber case-ignore -
1.3.6.1.1.1.1.21 ipNetmaskNumber case-ignore -
1.3.6.1.1.1.1.22 macAddress case-ignore -
1.3.6.1.1.1.1.23 bootParameter none -
1.3.6.1.1.1.1.24 bootFile case-exact -
1.3.6.1.1.1.1.26 nisMapName case-ignore s name
1.3.6.1.1.1.1.27 nisMapEntry case-exact s
1.3.6.1.4.1.250.1.57 labeledURI case-exact -
2.5.4.0 objectClass object-identifier -
2.5.4.1 aliasedObjectName,aliasedEntryName dn -
2.5.4.2 knowledgeInformation case-ignore -
2.5.4.3 cn,commonName case-ignore s name
2.5.4.4 sn,surname case-ignore s name
2.5.4.5 serialNumber case-ignore s
2.5.4.6 c,countryName case-ignore s name
2.5.4.7 l,localityName case-ignore s name
2.5.4.8 st,stateOrProvinceName case-ignore s name
2.5.4.9 street,streetAddress case-ignore s
2.5.4.10 o,organizationName case-ignore s name
2.5.4.11 ou,organizationalUnitName case-ignore s name
2.5.4.12 title case-ignore s name
2.5.4.13 description case-ignore s
2.5.4.14 searchGuide none -
2.5.4.15 businessCategory case-ignore s
2.5.4.16 postalAddress case-ignore s
2.5.4.17 postalCode case-ignore s
2.5.4.18 postOfficeBox case-ignore s
2.5.4.19 physicalDeliveryOfficeName case-ignore s
2.5.4.20 telephoneNumber telephone s
2.5.4.21 telexNumber none -
2.5.4.22 teletexTerminalIdentifier none -
2.5.4.23 facsimileTelephoneNumber,fax none -
2.5.4.24 x121Address telephone s
2.5.4.25 internationaliSDNNumber telephone s
2.5.4.26 registeredAddress case-ignore s postalAddress
2.5.4.27 destinationIndicator case-ignore s
2.5.4.28 preferredDeliveryMethod none -
2.5.4.29 presentationAddress none -
2.5.4.30 supportedApplicationContext object-identifier -
2.5.4.31 member dn - distinguishedName
2.5.4.32 owner dn - distinguishedName
2.5.4.33 roleOccupant dn - distinguishedName
2.5.4.34 seeAlso dn - distinguishedName
2.5.4.35 userPassword octets -
2.5.4.36 userCertificate none -
2.5.4.37 cACertificate none -
2.5.4.38 authorityRevocationList none -
2.5.4.39 certificateRevocationList none -
2.5.4.40 crossCertificatePair none -
2.5.4.41 name case-ignore s
2.5.4.42 givenName,gn case-ignore s name
2.5.4.43 initials case-ignore s name
2.5.4.44 generationQualifier case-ignore s name
2.5.4.45 x500UniqueIdentifier none -
2.5.4.46 dnQualifier case-ignore os
2.5.4.47 enhancedSearchGuide none -
2.5.4.49 distinguishedName dn -
2.5.4.50 uniqueMember dn -
2.5.4.51 houseIdentifier case-ignore s
2.5.4.53 deltaRevocationList none -
2.5.4.54 dmdName case-ignore s name
2.5.4.65 pseudonym case-ignore s name
2.16.840.1.113730.3.1.1 carLicense case-ignore s
2.16.840.1.113730.3.1.2 departmentNumber case-ignore s
2.16.840.1.113730.3.1.3 employeeNumber case-ignore s
2.16.840.1.113730.3.1.4 employeeType case-ignore s
2.16.840.1.113730.3.1.39 preferredLanguage case-ignore s
2.16.840.1.113730.3.1.40 userSMIMECertificate none -
2.16.840.1.113730.3.1.216 userPKCS12 none -
2.16.840.1.113730.3.1.241 displayName case-ignore s
1.2.840.113556.1.4.2 objectGUID octets -
1.2.840.113556.1.4.8 userAccountControl integer o
1.2.840.113556.1.4.96 pwdLastSet integer o
1.2.840.113556.1.4.98 primaryGroupID integer o
1.2.840.113556.1.4.146 objectSid octets -
1.2.840.113556.1.4.159 accountExpires integer o
1.2.840.113556.1.4.221 sAMAccountName case-ignore os
1.2.840.113556.1.4.656 userPrincipalName case-ignore os
1.2.840.113556.1.4.662 lockoutTime integer o
1.2.840.113556.1.4.750 groupType integer o
2.16.840.1.113730.3.1.35 thumbnailPhoto octets -
`;

/** Attribute types that the directory itself keeps (RFC 4512 section 3.4, 4530, 5020, password policy); returned only when asked for. */
export const OPERATIONAL_ATTRIBUTE_TYPES = `
1.2.840.113556.1.2.102 memberOf dn - distinguishedName
1.3.6.1.1.16.4 entryUUID case-ignore o
1.3.6.1.1.20 entryDN dn - distinguishedName
1.3.6.1.4.1.1466.101.120.5 namingContexts dn -
1.3.6.1.4.1.1466.101.120.7 supportedExtension object-identifier -
1.3.6.1.4.1.1466.101.120.13 supportedControl object-identifier -
1.3.6.1.4.1.1466.101.120.14 supportedSASLMechanisms none -
1.3.6.1.4.1.1466.101.120.15 supportedLDAPVersion integer -
1.3.6.1.4.1.4203.1.3.5 supportedFeatures object-identifier -
1.3.6.1.4.1.42.2.27.8.1.16 pwdChangedTime time o
1.3.6.1.4.1.42.2.27.8.1.17 pwdAccountLockedTime time o
1.3.6.1.4.1.42.2.27.8.1.19 pwdFailureTime time o
1.3.6.1.4.1.42.2.27.8.1.20 pwdHistory none o
1.3.6.1.4.1.42.2.27.8.1.21 pwdGraceUseTime time o
1.3.6.1.4.1.42.2.27.8.1.22 pwdReset case-ignore -
1.3.6.1.4.1.42.2.27.8.1.23 pwdPolicySubentry dn -
2.5.18.1 createTimestamp time o
2.5.18.2 modifyTimestamp time o
2.5.18.3 creatorsName dn - distinguishedName
2.5.18.4 modifiersName dn - distinguishedName
2.5.18.9 hasSubordinates case-ignore -
2.5.18.10 subschemaSubentry dn - distinguishedName
2.5.21.9 structuralObjectClass object-identifier -
`;

/** Object classes of the same sources: OID, names, superclass (`-` for none), kind. */
export const OBJECT_CLASSES = `
2.5.6.0 top - abstract
2.5.6.1 alias top structural
2.5.6.2 country top structural
2.5.6.3 locality top structural
2.5.6.4 organization top structural
2.5.6.5 organizationalUnit top structural
2.5.6.6 person top structural
2.5.6.7 organizationalPerson person structural
2.5.6.8 organizationalRole top structural
2.5.6.9 groupOfNames top structural
2.5.6.10 residentialPerson person structural
2.5.6.11 applicationProcess top structural
2.5.6.14 device top structural
2.5.6.17 groupOfUniqueNames top structural
2.5.6.21 pkiUser top auxiliary
1.3.6.1.4.1.250.3.15 labeledURIObject top auxiliary
0.9.2342.19200300.100.4.19 simpleSecurityObject top auxiliary
1.3.6.1.4.1.1466.344 dcObject top auxiliary
1.3.6.1.1.3.1 uidObject top auxiliary
0.9.2342.19200300.100.4.5 account top structural
0.9.2342.19200300.100.4.6 document top structural
0.9.2342.19200300.100.4.7 room top structural
0.9.2342.19200300.100.4.13 domain top structural
2.16.840.1.113730.3.2.2 inetOrgPerson organizationalPerson structural
1.3.6.1.1.1.2.0 posixAccount top auxiliary
1.3.6.1.1.1.2.1 shadowAccount top auxiliary
1.3.6.1.1.1.2.2 posixGroup top structural
1.2.840.113556.1.5.9 user organizationalPerson structural
1.2.840.113556.1.5.8 group top structural
1.3.6.1.4.1.1466.101.120.111 extensibleObject top auxiliary
1.3.6.1.4.1.4203.1.4.1 OpenLDAProotDSE top structural
1.3.6.1.4.1.42.2.27.8.2.1 pwdPolicy top auxiliary
`;
