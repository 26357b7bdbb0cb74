/** What every subject says to who is let in. */
export const BODY = { hello: "world" } as const;
