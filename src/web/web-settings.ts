import type { LoginView } from "./views/login-view.ts";

/** The checked options of the web side, defaults filled in. Times in milliseconds. */
export interface WebSettings {
  /** The realm of the Basic challenge and the heading of the login page. */
  readonly realmName: string;
  readonly basic: boolean;
  readonly anonymous: "refuse" | "allow";
  readonly login: {
    readonly path: string;
    readonly logoutPath: string;
    /** Default: our own page. */
    readonly view?: LoginView | undefined;
  };
  readonly session: {
    readonly revalidateAfter: number;
    readonly idleTimeout: number;
    readonly absoluteTimeout: number;
  };
  readonly throttle: { readonly failures: number; readonly window: number } | false;
}
