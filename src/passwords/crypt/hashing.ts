/** What is to be computed: a password, and everything that a stored value says about how. Plain data, as it goes to a thread. */
export type Hashing =
  | { readonly algorithm: "bcrypt"; readonly password: string; readonly setting: string }
  | { readonly algorithm: "des"; readonly password: string; readonly salt: string }
  | {
      readonly algorithm: "md5";
      readonly password: string;
      readonly magic: "$1$" | "$apr1$";
      readonly salt: string;
    }
  | {
      readonly algorithm: "sha";
      readonly password: string;
      readonly magic: "$5$" | "$6$";
      readonly salt: string;
      readonly rounds: number;
    }
  | {
      readonly algorithm: "pbkdf2";
      readonly password: string;
      readonly digest: "sha1" | "sha256" | "sha512";
      readonly salt: Uint8Array;
      readonly iterations: number;
      /** Bytes of the result. */
      readonly size: number;
    }
  | {
      readonly algorithm: "argon2";
      readonly password: string;
      readonly type: "i" | "id";
      readonly salt: Uint8Array;
      /** KiB. */
      readonly memory: number;
      readonly iterations: number;
      readonly parallelism: number;
      /** Bytes of the result. */
      readonly size: number;
    };

/** The same for any password. */
export type Recipe = WithoutPassword<Hashing>;

type WithoutPassword<T> = T extends Hashing ? Omit<T, "password"> : never;
