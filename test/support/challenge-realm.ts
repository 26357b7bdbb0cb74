import { createHash } from "node:crypto";
import type { Proof } from "../../src/authentication/credentials.ts";
import { identityOf } from "../../src/authentication/person.ts";
import { type FakeRealm, fakeRealm, personOf } from "./fake-realm.ts";

/** A fake realm that knows the passwords of its people, and so can check answers to challenges. */
export interface ChallengeRealm extends FakeRealm {
  /** Every proof that got as far as the directory. */
  readonly proofs: Proof[];
  /** Every name that SCRAM's salt was asked for. */
  readonly salted: string[];
}

export function challengeRealm(): ChallengeRealm {
  const proofs: Proof[] = [];
  const salted: string[] = [];
  const realm: ChallengeRealm = Object.assign(fakeRealm(), {
    proofs,
    salted,
    async prove(...[proof, deadline, admission]: Parameters<NonNullable<FakeRealm["prove"]>>) {
      const known = realm.people.get(proof.username);
      const person = known && personOf(proof.username, known.levels);
      await admission?.admit(person && identityOf(person), deadline);
      proofs.push(proof);
      await realm.before("authenticate");
      if (!person || !known) return { ok: false, reason: "unknown-user" } as const;
      const { state, warning } = known;
      const checked = await proof.check(`{PLAIN}${known.password}`);
      if (!checked.ok) return { ok: false, reason: "wrong-password" } as const;
      if (state !== undefined) return { ok: false, reason: state, state } as const;
      return { ok: true, person, ...(warning && { warning }) } as const;
    },
    async scramSalt(username: string) {
      salted.push(username);
      await realm.before("authenticate");
      const salt = createHash("sha256").update(`salt ${username}`).digest().subarray(0, 16);
      return { salt, iterations: 4_096 };
    },
  });
  return realm;
}
