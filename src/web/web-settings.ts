import type { Mechanism } from "../authentication/credentials.ts";
import type { AccountTexts } from "./account-texts.ts";
import type { RedisSettings } from "./redis-client.ts";
import type { LoginView } from "./views/login-view.ts";

/** The checked options of the web side, defaults filled in. Times in milliseconds. */
export interface WebSettings {
  /** The realm of the Basic challenge and the heading of the login page. */
  readonly realmName: string;
  readonly basic: boolean;
  readonly anonymous: "refuse" | "allow";
  /** How people may show that they know their password. */
  readonly mechanisms: readonly Mechanism[];
  /** Over what passwords are asked for and accepted. */
  readonly requireTls: boolean | "loopback-or-tls";
  readonly login: {
    readonly path: string;
    readonly logoutPath: string;
    /** Default: our own page. */
    readonly view?: LoginView | undefined;
  };
  /** Where people change their password, if the directory lets them. */
  readonly passwordChange: { readonly path: string } | false;
  /** The application's words for account states and warnings. */
  readonly texts: AccountTexts;
  readonly session: {
    readonly revalidateAfter: number;
    readonly staleFor: number;
    readonly idleTimeout: number;
    readonly absoluteTimeout: number;
  };
  /** Where wrong passwords are counted for several processes. Default: in this one. */
  readonly redis?: RedisSettings | undefined;
  readonly throttle: { readonly failures: number; readonly window: number } | false;
}
