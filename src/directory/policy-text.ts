/** More is not read at all. */
const LONGEST_READ = 4_096;
/** More is not shown. */
const LONGEST_SHOWN = 300;

/** How Samba begins what it says: the Windows error, and the name of what checks passwords. */
const SAMBA = /^[0-9A-F]{8}: (?:Constraint violation - )?(?:check_password_restrictions: )?/;
/** Windows tells nothing but numbers. */
const WINDOWS = /^(?:[A-Z][A-Za-z]+Err): DSID-/;

/**
 * What a server says about a new password that it does not want, for whoever typed it: one line of up to 300 letters without control characters. Undefined if
 * it says nothing, or repeats one of the passwords in any of the ways in which it could have got hold of it.
 */
export function policyText(text: string, passwords: readonly string[]): string | undefined {
  if (text.length > LONGEST_READ || passwords.some((password) => repeats(text, password))) {
    return undefined;
  }
  const line = text.replace(UNFIT, " ").replace(/ {2,}/g, " ").trim().replace(SAMBA, "");
  if (line === "" || WINDOWS.test(line)) return undefined;
  return [...line].slice(0, LONGEST_SHOWN).join("");
}

/** Control and format characters, line ends, and what is no character at all. */
const UNFIT = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\u{fffd}]+/gu;

/** Also in other letter case, with something invisible in between (as UTF-16 has), and in the usual encodings. */
function repeats(text: string, password: string): boolean {
  const bytes = Buffer.from(password);
  const wide = Buffer.from(`"${password}"`, "utf16le");
  const forms = [
    password,
    ...[bytes, wide].flatMap((form) => [form.toString("base64"), form.toString("hex")]),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
    // Text that has no UTF-8 can't be encoded.
    encodeURIComponent(bytes.toString()),
    bytes.toString("latin1"),
  ];
  const squashed = squash(text);
  return forms.some((form) => squashed.includes(squash(form)) || text.includes(form));
}

function squash(text: string): string {
  return text.replace(UNFIT, "").replace(/\s+/g, "").toLowerCase();
}
