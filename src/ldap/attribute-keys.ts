/**
 * The keys that a literal AuthLDAPURL gives `req.authenticated`: its attributes in upper case, as
 * `"UID" | "MYWEBACCESS"`; `never` if it lists none. A URL that is not one literal at compile time gives
 * `Uppercase<string>`, and so does one with percent-escapes that stand for no attribute's characters.
 *
 * These are `exposedAttributes` of what `parseAuthLdapUrl` reads; what that refuses has no meaning here.
 */
export type AttributeKeys<Url extends string> =
  IsOneLiteral<Url> extends true ? Key<Split<AttributeList<Url>>> : Uppercase<string>;

type IsOneLiteral<Text extends string> = IsPattern<Text> extends true ? false : IsSingle<Text>;

/** `string`, `any`, `never`, and templates with holes make index signatures, which need no key. */
type IsPattern<Text extends string> =
  Record<never, never> extends Record<Text, never> ? true : false;

type IsSingle<Text extends string, Each extends string = Text> = Each extends Each
  ? [Text] extends [Each]
    ? true
    : false
  : never;

/** What stands between the first `?` and what may follow the list: the next part, a `>`, a quote, or the mode. */
type AttributeList<Url extends string> = Url extends `${string}?${infer Rest}`
  ? Before<Before<Before<Before<BeforeSpace<Rest>, "?">, ">">, '"'>, "'">
  : "";

type BeforeSpace<Text extends string> = Before<Before<Before<Before<Text, " ">, "\t">, "\r">, "\n">;

type Before<Text extends string, End extends string> = Text extends `${infer Head}${End}${string}`
  ? Head
  : Text;

type Split<
  List extends string,
  Done extends string = never,
> = List extends `${infer Name},${infer Rest}` ? Split<Rest, Done | Name> : Done | List;

/** Empty elements are dropped; `*` and `+` are no attributes. */
type Key<Name extends string> = Name extends Name
  ? Exclude<Uppercase<Decode<Name>>, "" | "*" | "+">
  : never;

type Decode<
  Text extends string,
  Done extends string = "",
> = Text extends `${infer Head}%${infer High}${infer Low}${infer Rest}`
  ? Lowercase<`${High}${Low}`> extends keyof Decoded
    ? Decode<Rest, `${Done}${Head}${Decoded[Lowercase<`${High}${Low}`>]}`>
    : string
  : `${Done}${Text}`;

/** What an attribute's name is made of. */
interface Decoded {
  "2a": "*";
  "2b": "+";
  "2d": "-";
  "2e": ".";
  "30": "0";
  "31": "1";
  "32": "2";
  "33": "3";
  "34": "4";
  "35": "5";
  "36": "6";
  "37": "7";
  "38": "8";
  "39": "9";
  "3b": ";";
  "41": "A";
  "42": "B";
  "43": "C";
  "44": "D";
  "45": "E";
  "46": "F";
  "47": "G";
  "48": "H";
  "49": "I";
  "4a": "J";
  "4b": "K";
  "4c": "L";
  "4d": "M";
  "4e": "N";
  "4f": "O";
  "50": "P";
  "51": "Q";
  "52": "R";
  "53": "S";
  "54": "T";
  "55": "U";
  "56": "V";
  "57": "W";
  "58": "X";
  "59": "Y";
  "5a": "Z";
  "5f": "_";
  "61": "a";
  "62": "b";
  "63": "c";
  "64": "d";
  "65": "e";
  "66": "f";
  "67": "g";
  "68": "h";
  "69": "i";
  "6a": "j";
  "6b": "k";
  "6c": "l";
  "6d": "m";
  "6e": "n";
  "6f": "o";
  "70": "p";
  "71": "q";
  "72": "r";
  "73": "s";
  "74": "t";
  "75": "u";
  "76": "v";
  "77": "w";
  "78": "x";
  "79": "y";
  "7a": "z";
}
