/** Now, as GeneralizedTime in UTC (RFC 4517 section 3.3.13): `20260131235959Z`. */
export function timestamp(): string {
  return new Date().toISOString().replaceAll(/[-T:]|\.[0-9]+/g, "");
}
