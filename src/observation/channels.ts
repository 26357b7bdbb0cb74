import { type Channel, channel } from "node:diagnostics_channel";
import type { LdapEvent } from "../events.ts";

/** What events are called: `"login"`, `"refusal"`. */
export type EventType = LdapEvent["type"];

/** The events of one type. */
export type EventOf<Type extends EventType> = Extract<LdapEvent, { readonly type: Type }>;

/** The channel of each type in `node:diagnostics_channel`: `express-authnz-ldap:login`. All instances of a process share them. */
export const CHANNELS: Readonly<Record<EventType, Channel>> = {
  login: channel("express-authnz-ldap:login"),
  refusal: channel("express-authnz-ldap:refusal"),
  decision: channel("express-authnz-ldap:decision"),
  restriction: channel("express-authnz-ldap:restriction"),
  operation: channel("express-authnz-ldap:operation"),
  revocation: channel("express-authnz-ldap:revocation"),
  failover: channel("express-authnz-ldap:failover"),
  pool: channel("express-authnz-ldap:pool"),
  cache: channel("express-authnz-ldap:cache"),
  watch: channel("express-authnz-ldap:watch"),
};

/** Tells an event to whoever listens. Does not throw, whatever listeners do: Node reports that as an uncaught exception, later. */
export function publish(event: LdapEvent): void {
  CHANNELS[event.type].publish(event);
}
