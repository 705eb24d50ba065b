/** The other end of control-socket.ts: runs one command line in the running server with this process's own streams. */
import { once } from "node:events";
import { createConnection } from "node:net";
import { createInterface } from "node:readline";
import { systemCode, UserError } from "../base/errors.ts";

/** Resolves with the command's exit status. Rejects with a UserError when no server is running on that directory. */
export async function runOnServer(path: string, line: string, as: string | undefined): Promise<number> {
  const socket = createConnection(path);
  try {
    await once(socket, "connect");
  } catch (cause) {
    const code = systemCode(cause);
    if (code === "EACCES") {
      throw new UserError("not-permitted", "you may not talk to this server", "Run bin/classh as root or as the account that runs the server.", { cause });
    }
    throw new UserError("file-not-found", "no classh server is running on this data directory", "Start it with bin/start, or name its directory: --data DIR.", { cause });
  }
  const send = (message: object): boolean => socket.write(`${JSON.stringify(message)}\n`);
  send({ line, ...(as === undefined ? {} : { as }) });
  process.stdin.on("data", (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; at += 1 << 16) send({ stdin: chunk.subarray(at, at + (1 << 16)).toString("base64") });
    if (!socket.writableNeedDrain) return;
    process.stdin.pause();
    socket.once("drain", () => process.stdin.resume());
  });
  process.stdin.on("end", () => send({ stdin: null }));
  process.on("SIGINT", () => send({ signal: "INT" }));

  let status = 1;
  const lines = createInterface({ input: socket });
  for await (const text of lines) {
    const message = JSON.parse(text) as { stdout?: string; stderr?: string; status?: number };
    if (message.stdout !== undefined) process.stdout.write(Buffer.from(message.stdout, "base64"));
    if (message.stderr !== undefined) process.stderr.write(Buffer.from(message.stderr, "base64"));
    if (message.status !== undefined) status = message.status;
  }
  process.stdin.pause();
  return status;
}
