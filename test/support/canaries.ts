import { cramMd5Context } from "../../src/passwords/cram-md5.ts";

const password = "canary-visitors-5f1c9b";

/** Secrets that are told from everything else, and may turn up nowhere. */
export const CANARIES = {
  password,
  newPassword: "canary-changed-d81f27",
  /** As good as the password. */
  storedPassword: cramMd5Context(password).toString("hex"),
  /** The wrong one, which is no less secret: most are the right one with a slip. */
  wrongPassword: "canary-mistyped-82ad07",
  bindPassword: "canary-service-c3e6d4",
  sessionId: "canary-session-19f0e2",
  sessionSecret: "canary-signing-6b7d35",
  redisPassword: "canary-redis-a04e8c",
  cookie: "canary-cookie-77e2f1",
} as const;

/** All ways in which a text may show that it holds one of these: as it is, as `util.inspect` shows bytes, as hex, as base64. */
export function canariesIn(text: string): readonly string[] {
  return Object.entries(CANARIES).flatMap(([name, canary]) => {
    const bytes = Buffer.from(canary);
    const hex = bytes.toString("hex");
    const forms = {
      text: canary,
      hex,
      bytes: (hex.match(/../g) ?? []).join(" "),
      JSON: [...bytes].join(","),
      // Whatever stands before it moves the letters of base64 by none, one or two.
      ...Object.fromEntries(
        [0, 1, 2].map((shift) => [
          `base64, ${shift}`,
          Buffer.concat([Buffer.alloc(shift), bytes])
            .toString("base64")
            .slice(4, 20),
        ]),
      ),
    };
    return Object.entries(forms)
      .filter(([, form]) => text.includes(form))
      .map(([form]) => `${name} as ${form}`);
  });
}
