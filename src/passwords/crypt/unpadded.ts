/** Base64 without `=`, as the PHC string format has it. */
export function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}
