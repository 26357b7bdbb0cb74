import { MD5_SCRIPT } from "./md5-script.ts";
import { MECHANISMS_SCRIPT } from "./mechanisms-script.ts";
import { PAGE_SCRIPT } from "./page-script.ts";

/**
 * The script of the login page: signs in by answering a challenge, so that the password stays in the browser. A text, not functions turned into one: what bundles a
 * server may rewrite those. Works under helmet's Content-Security-Policy as it is.
 */
export const LOGIN_SCRIPT: string = `(() => {
"use strict";
${MD5_SCRIPT}${MECHANISMS_SCRIPT}${PAGE_SCRIPT}})();
`;
