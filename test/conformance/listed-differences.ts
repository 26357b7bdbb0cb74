import { readFileSync } from "node:fs";
import type { Expectation, RecordedCase, RecordedRequest } from "./recorded-case.ts";
import type { ReplayedAnswer } from "./replay.ts";

/** Where we did something else than httpd. */
export interface Difference {
  readonly recorded: RecordedCase;
  /** Undefined if httpd and we differ in whether to start, and no request was recorded. */
  readonly request: RecordedRequest | undefined;
  /** Which of the case's requests, from 0. */
  readonly index: number | undefined;
  /** Undefined where we refused to start. */
  readonly got: ReplayedAnswer | undefined;
  /** Why we refused to start. */
  readonly refusal?: string;
}

/** One of the deliberate differences that docs/coming-from-apache.md lists. */
export interface Explanation {
  /** Its number there. */
  readonly number: number;
  readonly because: string;
}

/** A kind of difference that can be told from the case itself. */
interface ListedDifference extends Explanation {
  /** Whether it lets in whom httpd refuses. */
  readonly letsIn?: boolean;
  covers(difference: Difference): boolean;
}

const UNREACHABLE = /Can't contact LDAP server|Connect error|Timed out/;
const SERVICE_ACCOUNT_REFUSED =
  /ldap_simple_bind\(\) failed: (?:Invalid credentials|Inappropriate authentication)|ldap_search_ext_s\(\) for user failed: Insufficient access/;

const LISTED: readonly ListedDifference[] = [
  {
    number: 1,
    because: "no server could answer",
    covers: ({ recorded, request, got }) =>
      isUnavailable(got) &&
      isRefusal(request?.expect) &&
      (isInTrouble(request, UNREACHABLE) || namesOnlyClosedPorts(recorded)),
  },
  {
    number: 2,
    because: "the service account is refused",
    covers: ({ recorded, request, got }) =>
      isUnavailable(got) &&
      request?.expect.status === 401 &&
      (isInTrouble(request, SERVICE_ACCOUNT_REFUSED) || bindsWithWrongPassword(recorded)),
  },
  {
    number: 3,
    because: "a “not” over what could not be asked",
    covers: ({ recorded, request, got }) =>
      /^\s*(?:Require\s+not\s|<RequireNone>)/im.test(recorded.config) &&
      request?.expect.status === 200 &&
      (isInTrouble(request, /./) || namesOnlyClosedPorts(recorded)) &&
      [401, 403, 503].includes(got?.status ?? 0),
  },
  {
    number: 4,
    because: "ldap-search without a login",
    covers: ({ recorded, request, got }) =>
      /^\s*Require\s+ldap-search\s/im.test(recorded.config) &&
      request?.expect.status === 200 &&
      !("REMOTE_USER" in (request.expect.environment ?? {})) &&
      ([401, 403].includes(got?.status ?? 0) || got?.environment?.REMOTE_USER !== undefined),
  },
  {
    number: 4,
    because: "ldap-search is not asked without a login, so that there is no 403 yet",
    covers: ({ recorded, request, got }) =>
      /^\s*Require\s+ldap-search\s/im.test(recorded.config) &&
      request?.expect.status === 403 &&
      got?.status === 401,
  },
  {
    number: 6,
    because: "substituted text is escaped",
    covers: ({ recorded, request, got }) =>
      recorded.config.includes("%{HTTP:") &&
      Object.keys(request?.headers ?? {}).length > 0 &&
      request?.expect.status === 200 &&
      got?.status === 401,
  },
  {
    number: 7,
    because: "NUL in a name or password",
    covers: ({ request, got }) =>
      credentialsOf(request).includes(0) && request?.expect.status === 200 && got?.status === 401,
  },
  {
    number: 8,
    because: "httpd finds it wrong only at a request (500)",
    covers: ({ recorded, got }) => got === undefined && isNeverServed(recorded),
  },
  {
    number: 8,
    because: "the ldap provider without AuthLDAPURL (500 with credentials)",
    covers: ({ recorded, got, refusal }) =>
      got === undefined &&
      recorded.requests.length === 0 &&
      !/^\s*AuthLDAPURL\s/im.test(recorded.config) &&
      /needs an AuthLDAPURL/.test(refusal ?? ""),
  },
  {
    number: 9,
    because: "broken percent escape",
    covers: ({ recorded, got }) =>
      got === undefined && /^\s*AuthLDAPURL\s.*%(?![0-9a-f]{2}|\{)/im.test(recorded.config),
  },
  {
    number: 10,
    because: "“_” in an attribute's name",
    letsIn: true,
    covers: ({ recorded, request, got }) =>
      isInTrouble(request, /Bad search filter/) &&
      /[?( ][a-z]+_[a-z_]*[=)]/i.test(recorded.config) &&
      [200, 401].includes(got?.status ?? 0),
  },
  {
    number: 11,
    because: "[address]:port keeps its port as the first host",
    letsIn: true,
    covers: ({ recorded, request, got }) =>
      /ldaps?:\/\/\[[0-9a-f:]+\]:/i.test(recorded.config) &&
      isInTrouble(request, UNREACHABLE) &&
      got?.status === 200,
  },
  {
    number: 12,
    because: "two AuthLDAPURL in one section",
    covers: ({ recorded, got }) =>
      got === undefined && sectionsOf(recorded).some((section) => countUrls(section) > 1),
  },
  {
    number: 12,
    because: "an inner section drops the outer AuthLDAP* directives",
    covers: ({ recorded, got }) => {
      const sections = sectionsOf(recorded);
      return (
        got === undefined &&
        sections.length > 1 &&
        sections.filter((section) => /^\s*AuthLDAP/im.test(section)).length > 1
      );
    },
  },
  {
    number: 14,
    because: "no value for RemoteUserAttribute",
    covers: ({ recorded, request, got }) =>
      /^\s*AuthLDAPRemoteUserAttribute\s/im.test(recorded.config) &&
      request?.expect.status === 500 &&
      got?.status === 403,
  },
];

/** What no rule can see: by case and request (from 0; none: the whole case). */
interface Entry extends Explanation {
  readonly case: string;
  readonly request?: number;
  readonly letsIn?: boolean;
}

const ENTRIES: readonly Entry[] = JSON.parse(
  readFileSync(new URL("differences.json", import.meta.url), "utf8"),
);

/** The listed difference that this is, if it is one. `letsIn`: we let in whom httpd refuses. */
export function explain(difference: Difference, letsIn: boolean): Explanation | undefined {
  const { recorded, index, got } = difference;
  const entry = ENTRIES.find(
    (each) => each.case === recorded.id && (each.request === undefined || each.request === index),
  );
  const found = entry ?? LISTED.find((each) => each.covers(difference));
  if (!letsIn) return found;
  // Nobody is let in without a name on a difference's account.
  return found?.letsIn === true && got?.environment?.REMOTE_USER ? found : undefined;
}

const isRefusal = (expect: Expectation | undefined): boolean =>
  [401, 403, 500].includes(expect?.status ?? 0);

const isUnavailable = (got: ReplayedAnswer | undefined): boolean =>
  got?.status === 503 && got.retryAfter !== undefined;

function isInTrouble(request: RecordedRequest | undefined, pattern: RegExp): boolean {
  return request?.expect.trouble?.some((trouble) => pattern.test(trouble)) === true;
}

function namesOnlyClosedPorts({ config }: RecordedCase): boolean {
  const urls = config.match(/ldaps?:\/\/[^/"]*/gi) ?? [];
  return urls.length > 0 && urls.every((url) => url.replace(/\S+:@DOWN@/g, "").trim() === "");
}

function bindsWithWrongPassword({ config }: RecordedCase): boolean {
  return /^\s*AuthLDAPBindPassword\s+"wrong"/im.test(config);
}

/** All requests ended in 500, apart from those that had not got as far. */
function isNeverServed({ requests }: RecordedCase): boolean {
  const statuses = requests.map(({ expect }) => expect.status);
  return (
    statuses.includes(500) &&
    requests.every(
      ({ authorization, expect }) =>
        expect.status === 500 || (authorization === undefined && expect.status === 401),
    )
  );
}

function credentialsOf(request: RecordedRequest | undefined): Buffer {
  const [, text = ""] = /^basic +(.*)$/i.exec(request?.authorization ?? "") ?? [];
  return Buffer.from(text, "base64");
}

/** A case's own section and those behind it; none has sections inside that matter here. */
function sectionsOf({ config }: RecordedCase): readonly string[] {
  return config.split(/^\s*<Location\s/im).slice(1);
}

function countUrls(section: string): number {
  return (section.match(/^\s*AuthLDAPURL\s/gim) ?? []).length;
}
