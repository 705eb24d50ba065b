import { hostname } from "node:os";
import type { Settings } from "../config/schema.ts";
import type { PublicAddress } from "../session/workbench-options.ts";

/** How people reach the server: as the setting says, with the machine's name and the port of `listen` for what it leaves out. */
export function publicAddress({ publicAddress: given, listen }: Settings): PublicAddress {
  const [, host = "", port] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(given) ?? [];
  const listening = Number(/:(\d+)$/.exec(listen)?.[1]);
  return { host: host || hostname(), port: port === undefined ? listening : Number(port) };
}
