/** The setting `listen`, and what can be wrong with it. */
import { once } from "node:events";
import { isIP, type Server } from "node:net";
import { systemCode, UserError } from "../base/errors.ts";

/** Host and port of HOST:PORT, or [ADDRESS]:PORT for IPv6. Throws a UserError. */
export function parseListen(listen: string): { host: string; port: number } {
  const at = listen.lastIndexOf(":");
  const host = listen.slice(0, at).replace(/^\[(.*)\]$/, "$1");
  const port = Number(listen.slice(at + 1));
  if (at < 1 || !Number.isInteger(port) || port > 65_535 || (host.includes(":") && isIP(host) !== 6)) {
    throw new UserError("bad-setting", `can't listen on ${listen}`, "Write HOST:PORT, for example 127.0.0.1:2222.");
  }
  return { host, port };
}

/** Connections that may wait to be accepted. */
const backlog = 511;

/**
 * Listens on the address of the setting, or on an already bound socket with the descriptor `inherited` (bin/listen).
 * Rejects with a UserError.
 */
export async function listenOn(server: Server, listen: string, inherited?: number): Promise<void> {
  const { host, port } = parseListen(listen);
  try {
    server.listen(inherited === undefined ? { host, port, backlog } : { fd: inherited, backlog });
    await once(server, "listening");
  } catch (error) {
    throw listenError(error instanceof Error ? error : new Error(String(error)), listen);
  }
}

/** The error for a server that could not listen. */
function listenError(error: Error, listen: string): UserError {
  const options = { cause: error };
  switch (systemCode(error)) {
    case "EADDRINUSE":
      return new UserError(
        "port-in-use",
        `the address ${listen} is already in use`,
        "Perhaps classh is running already. Otherwise choose another port with --listen HOST:PORT.",
        options,
      );
    case "EACCES":
      return new UserError(
        "bad-setting",
        `this account may not listen on ${listen}`,
        "Choose a port above 1023 with --listen HOST:PORT, or start bin/start as root.",
        options,
      );
    default:
      return new UserError(
        "bad-setting",
        `can't listen on ${listen} (${error.message})`,
        "Choose an address of this machine with --listen HOST:PORT.",
        options,
      );
  }
}
