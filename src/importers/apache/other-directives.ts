import type { Directive } from "./directive.ts";

/** What becomes of a directive that is not about access in itself: why it is skipped, or why it can't be. */
export type Verdict = { readonly skipped: string } | { readonly refused: string };

/** The other directives of httpd 2.4 and its own modules, in lower case. One that is in no list here is refused: it may be a typing error. */
const OTHERS: ReadonlySet<string> = new Set(
  `
  acceptfilter acceptpathinfo action addalt addaltbyencoding addaltbytype addcharset
  adddefaultcharset adddescription addencoding addhandler addicon addiconbyencoding
  addiconbytype addinputfilter addlanguage addoutputfilter addoutputfilterbytype addtype alias
  aliaspreservepath allowconnect allowencodedslashes asyncrequestworkerfactor balancergrowth
  balancerinherit balancermember balancerpersist brotlialteretag brotlicompressionmaxinputblock
  brotlicompressionquality brotlicompressionwindow brotlifilternote bufferedlogs buffersize
  cachedefaultexpire cachedetailheader cachedirlength cachedirlevels cachedisable cacheenable
  cachefile cacheheader cacheignorecachecontrol cacheignoreheaders cacheignorenolastmod
  cacheignorequerystring cacheignoreurlsessionidentifiers cachekeybaseurl
  cachelastmodifiedfactor cachelock cachelockmaxage cachelockpath cachemaxexpire
  cachemaxfilesize cacheminexpire cacheminfilesize cachenegotiateddocs cachequickhandler
  cachereadsize cachereadtime cacheroot cachesocache cachesocachemaxsize cachesocachemaxtime
  cachesocachemintime cachesocachereadsize cachesocachereadtime cachestaleonerror
  cachestoreexpired cachestorenostore cachestoreprivate casefilter casefilterin
  cgidscripttimeout cgipassauth cgiscripttimeout cgivar charsetdefault charsetoptions
  charsetsourceenc checkbasenamematch checkcaseonly checkspelling chrootdir contentdigest
  cookiedomain cookieexpires cookiehttponly cookiename cookiesamesite cookiesecure cookiestyle
  cookietracking coredumpdirectory customlog dav davbasepath davdepthinfinity davgenericlockdb
  davlockdb davlockdiscovery davmintimeout dbdexptime dbdinitsql dbdkeep dbdmax dbdmin dbdparams
  dbdpersist dbdpreparesql dbdriver defaulticon defaultlanguage defaultruntimedir defaulttype
  define deflatealteretag deflatebuffersize deflatecompressionlevel deflatefilternote
  deflateinflatelimitrequestbody deflateinflateratioburst deflateinflateratiolimit
  deflatememlevel deflatewindowsize directorycheckhandler directoryindex directoryindexredirect
  directoryslash documentroot dumpioinput dumpiooutput enablemmap enablesendfile error
  errordocument errorlog errorlogformat expiresactive expiresbytype expiresdefault
  extendedstatus extfilterdefine extfilteroptions fallbackresource fancyindexing fileetag
  filterchain filterdeclare filterprotocol filterprovider filtertrace flushmaxpipelined
  flushmaxthreshold forcelanguagepriority forcetype forensiclog globallog
  gracefulshutdowntimeout group h2copyfiles h2direct h2earlyhint h2earlyhints h2maxdataframelen
  h2maxheaderblocklen h2maxsessionstreams h2maxstreamerrors h2maxworkeridleseconds h2maxworkers
  h2minworkers h2moderntlsonly h2outputbuffering h2padding h2proxyrequests h2push
  h2pushdiarysize h2pushpriority h2pushresource h2serializeheaders h2sessionextrafiles
  h2streammaxmemsize h2streamtimeout h2tlscooldownsecs h2tlswarmupsize h2upgrade h2websockets
  h2windowsize header headername heartbeataddress heartbeatlisten heartbeatmaxservers
  heartbeatstorage hostnamelookups httpprotocoloptions identitycheck identitychecktimeout
  imapbase imapdefault imapmenu include includeoptional indexheadinsert indexignore
  indexignorereset indexoptions indexorderdefault indexstylesheet inputsed keepalive
  keepalivetimeout keptbodysize languagepriority limitinternalrecursion limitrequestbody
  limitrequestfields limitrequestfieldsize limitrequestline limitxmlrequestbody listen
  listenbacklog listencoresbucketsratio listentcpdeferaccept loadfile loadmodule logformat
  logiotrackttfb loglevel logmessage luacodecache luahookinsertfilter luahooklog
  luahooktypechecker luainherit luainputfilter luaoutputfilter luapackagecpath luapackagepath
  luaroot luascope maxclients maxconnectionsperchild maxkeepaliverequests maxmemfree
  maxrangeoverlaps maxrangereversals maxranges maxrequestsperchild maxrequestworkers
  maxsparethreads mdactivationdelay mdbaseserver mdcacertificatefile mdcachallenges
  mdcertificateagreement mdcertificateauthority mdcertificatecheck mdcertificatefile
  mdcertificatekeyfile mdcertificateprotocol mdcertificatestatus mdchallengedns01
  mdchallengedns01version mdcheckinterval mdcontactemail mddrivemode mdexternalaccountbinding
  mdhttpproxy mdhttpproxycacertificatefile mdinitialdelay mdmatchnames mdmember mdmembers
  mdmessagecmd mdmuststaple mdnotifycmd mdomain mdportmap mdprivatekeys mdprofile
  mdprofilemandatory mdrenewmode mdrenewviaari mdrenewwindow mdrequirehttps mdretrydelay
  mdretryfailover mdserverstatus mdstapleothers mdstapling mdstaplingkeepresponse
  mdstaplingrenewwindow mdstoredir mdstorelocks mdwarnwindow memcacheconnttl mergeslashes
  mergetrailers metadir metafiles metasuffix mimemagicfile minsparethreads mmapfile
  modemstandard modmimeusepathinfo multiviewsmatch mutex namevirtualhost noproxy options
  outputsed pidfile port protocol protocolecho protocols protocolshonororder proxy100continue
  proxyaddheaders proxybadheader proxyblock proxydomain proxyerroroverride proxyexpressdbmfile
  proxyexpressdbmtype proxyexpressenable proxyfcgibackendtype proxyfcgisetenvif
  proxyftpdircharset proxyftpescapewildcards proxyftplistonwildcard proxyhcexpr proxyhctemplate
  proxyhctpsize proxyhtmlbufsize proxyhtmlcharsetout proxyhtmldoctype proxyhtmlenable
  proxyhtmlevents proxyhtmlextended proxyhtmlfixups proxyhtmlinterp proxyhtmllinks proxyhtmlmeta
  proxyhtmlstripcomments proxyhtmlurlmap proxyiobuffersize proxymaxforwards proxypass
  proxypassinherit proxypassinterpolateenv proxypassmatch proxypassreverse
  proxypassreversecookiedomain proxypassreversecookiepath proxypreservehost
  proxyreceivebuffersize proxyremote proxyremotematch proxyrequests proxyscgiinternalredirect
  proxyscgisendfile proxyset proxysourceaddress proxystatus proxytimeout proxyvia
  proxywebsocketfallbacktoproxyhttp qualifyredirecturl readbuffersize readmename
  receivebuffersize redirectrelative redisconnpoolttl redistimeout reflectorheader
  regexdefaultoptions registerhttpmethod remoteipinternalproxy remoteipinternalproxylist
  remoteipproxiesheader remoteipproxyprotocol remoteipproxyprotocolexceptions
  remoteiptrustedproxy remoteiptrustedproxylist removecharset removeencoding removehandler
  removeinputfilter removelanguage removeoutputfilter removetype requestreadtimeout rewritebase
  rewritecond rewriteengine rewritemap rewriteoptions rlimitcpu rlimitmem rlimitnproc
  scoreboardfile script scriptlog scriptlogbuffer scriptloglength scriptsock seerequesttail
  sendbuffersize serveradmin serveralias serverlimit servername serverpath serverroot
  serversignature servertokens session sessioncookiename sessioncookiename2 sessioncookieremove
  sessioncryptocipher sessioncryptodriver sessioncryptopassphrase sessioncryptopassphrasefile
  sessiondbdcookiename sessiondbdcookiename2 sessiondbdcookieremove sessiondbddeletelabel
  sessiondbdinsertlabel sessiondbdperuser sessiondbdselectlabel sessiondbdupdatelabel sessionenv
  sessionexclude sessionexpiryupdateinterval sessionheader sessioninclude sessionmaxage
  sethandler setinputfilter setoutputfilter ssiendtag ssierrormsg ssietag ssilastmodified
  ssilegacyexprparser ssistarttag ssitimeformat ssiundefinedecho sslcacertificatefile
  sslcacertificatepath sslcadnrequestfile sslcadnrequestpath sslcarevocationcheck
  sslcarevocationfile sslcarevocationpath sslcertificatechainfile sslcertificatefile
  sslcertificatekeyfile sslciphersuite sslcompression sslcryptodevice sslengine sslfips
  sslhonorcipherorder sslinsecurerenegotiation ssllog sslloglevel sslocspdefaultresponder
  sslocspenable sslocspnoverify sslocspoverrideresponder sslocspproxyurl
  sslocsprespondercertificatefile sslocsprespondertimeout sslocspresponsemaxage
  sslocspresponsetimeskew sslocspuserequestnonce sslopensslconfcmd sslpassphrasedialog
  sslprotocol sslproxycacertificatefile sslproxycacertificatepath sslproxycarevocationcheck
  sslproxycarevocationfile sslproxycarevocationpath sslproxycheckpeercn sslproxycheckpeerexpire
  sslproxycheckpeername sslproxyciphersuite sslproxyengine sslproxymachinecertificatechainfile
  sslproxymachinecertificatefile sslproxymachinecertificatepath sslproxyprotocol sslproxyverify
  sslproxyverifydepth sslrandomseed sslrenegbuffersize sslsessioncache sslsessioncachetimeout
  sslsessionticketkeyfile sslsessiontickets sslsrpunknownuserseed sslsrpverifierfile
  sslstaplingcache sslstaplingerrorcachetimeout sslstaplingfaketrylater sslstaplingforceurl
  sslstaplingrespondertimeout sslstaplingresponsemaxage sslstaplingresponsetimeskew
  sslstaplingreturnrespondererrors sslstaplingstandardcachetimeout sslstrictsnivhostcheck
  sslusestapling sslverifydepth sslvhostsnipolicy startservers stricthostcheck substitute
  substituteinheritbefore substitutemaxlinelength suexec suexecusergroup threadlimit
  threadsperchild threadstacksize timeout traceenable transferlog typesconfig undefine
  undefmacro usecanonicalname usecanonicalphysicalport user warning watchdoginterval xbithack
  xml2encalias xml2encdefault xml2startparse
`
    .trim()
    .split(/\s+/),
);

const NOTHING = { skipped: "it has nothing to do with access" } as const;

/** Undefined for a directive that httpd 2.4 does not have. */
export function otherDirective({
  name,
  args,
}: Pick<Directive, "name" | "args">): Verdict | undefined {
  const lower = name.toLowerCase();
  switch (lower) {
    case "rewriterule":
      return rewriteRule(args);
    case "redirect":
    case "redirectmatch":
      return redirect(args);
    case "redirectpermanent":
    case "redirecttemp":
      return { skipped: "paths are not redirected here" };
    case "ssloptions":
      return args.some((arg) => /^\+?FakeBasicAuth$/i.test(arg))
        ? { refused: "FakeBasicAuth signs people in by certificate, and that is not carried" }
        : NOTHING;
    case "requestheader":
      return args.some((arg) => /^authorization$/i.test(arg))
        ? { refused: "it changes the credentials of a request, and that is not carried" }
        : NOTHING;
    case "allowoverride":
    case "allowoverridelist":
    case "accessfilename":
      return { skipped: "no .htaccess file is looked for: hand over the text of each yourself" };
    case "remoteipheader":
      return { skipped: "whose address counts is for Express to say: its setting `trust proxy`" };
    default:
      return OTHERS.has(lower) ? NOTHING : undefined;
  }
}

function rewriteRule([, , flags = ""]: readonly string[]): Verdict {
  const words = flags.replace(/^\[|\]$/g, "").split(",");
  const refuses = words.some((word) =>
    /^(?:F|forbidden|G|gone|R=[45]\d\d|redirect=[45]\d\d)$/i.test(word.trim()),
  );
  if (refuses)
    return {
      refused: "it refuses requests, and that is not carried: write a <Location> with Require",
    };
  const sets = words.some((word) => /^(?:E|env)=/i.test(word.trim()));
  if (sets) return { refused: "it sets a variable that Require may look at: write SetEnvIf" };
  return { skipped: "paths are not rewritten here: sections apply to what was asked for" };
}

function redirect([status = ""]: readonly string[]): Verdict {
  return /^(?:[45]\d\d|gone)$/i.test(status)
    ? { refused: "it refuses requests, and that is not carried: write a <Location> with Require" }
    : { skipped: "paths are not redirected here" };
}
