import { isLoopback } from "../../options/is-loopback.ts";
import type { TableSettings } from "../../tables/table-settings.ts";

/** Where bind_pw can be read on the way to a server. Postfix does not mind, so these are warnings of ours. */
export function passwordExposure({
  bind,
  servers,
}: Pick<TableSettings, "bind" | "servers">): readonly string[] {
  if (bind.kind !== "simple" || bind.password === "") return [];
  return servers.flatMap(({ address, security }) =>
    address.kind === "unix" || security !== "none" || isLoopback(address.host)
      ? []
      : [`bind_pw goes to ${address.host} in clear text: set start_tls, or use ldaps://`],
  );
}
