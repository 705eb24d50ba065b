/** Listens on DIR/control.sock: in the process that accepts connections for all, which runs no commands itself. */
import { chmod, unlink } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { systemCode } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { prepareSocketPath } from "../base/socket-path.ts";

/** Most connections at once; each runs one command. */
const maxConnections = 32;

/**
 * Listens on a socket file. The data directory's lock is held, so an existing file was left by a server that died. With
 * `paused`, connections arrive unread, to be passed to another process.
 */
export async function listenForControl(
  file: string,
  options: { readonly paused: boolean; readonly log: Log; accept(socket: Socket): void },
): Promise<Server> {
  const path = await prepareSocketPath(file);
  try {
    await unlink(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
  const server = createServer({ pauseOnConnect: options.paused }, (socket) => options.accept(socket));
  server.maxConnections = maxConnections;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  server.on("error", (error) => options.log.error("control socket failed", { error }));
  await chmod(path, 0o600);
  return server;
}
