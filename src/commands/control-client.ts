/** The client of control-socket.ts: runs one command line in the running server, with this process's own streams. */
import { addAbortListener, once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { systemCode, UserError } from "../base/errors.ts";
import { socketPath } from "../base/socket-path.ts";

/**
 * The output and the exit status of a command without input. Rejects when no server is running there, or when `signal`
 * aborts.
 */
export async function askServer(
  path: string,
  line: string,
  signal: AbortSignal,
): Promise<{ readonly stdout: string; readonly status: number }> {
  const socket = await connectToServer(path);
  using _stop = addAbortListener(signal, () => socket.destroy(new Error("the server did not answer in time")));
  signal.throwIfAborted();
  socket.write(`${JSON.stringify({ line })}\n${JSON.stringify({ stdin: null })}\n`);
  const received: Buffer[] = [];
  for await (const chunk of socket) received.push(chunk as Buffer);
  const messages = Buffer.concat(received)
    .toString()
    .split("\n")
    .filter(Boolean)
    .map((text) => JSON.parse(text) as Answer);
  const status = messages.find((message) => message.status !== undefined)?.status;
  if (status === undefined) throw new Error("the server closed the connection without an answer");
  const stdout = Buffer.concat(messages.map((message) => Buffer.from(message.stdout ?? "", "base64"))).toString();
  return { stdout, status };
}

async function connectToServer(path: string): Promise<Socket> {
  const socket = createConnection(socketPath(path));
  try {
    await once(socket, "connect");
    return socket;
  } catch (cause) {
    const code = systemCode(cause);
    if (code === "EACCES") {
      throw new UserError(
        "not-permitted",
        "you may not talk to this server",
        "Run bin/classh as root, or as the account that runs the server.",
        { cause },
      );
    }
    throw new UserError(
      "file-not-found",
      "no classh server is running on this data directory",
      "Start one with bin/start, or name the right directory: --data DIR.",
      { cause },
    );
  }
}

interface Answer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly status?: number;
}

/**
 * Runs a command with this process's streams. Resolves with its exit status. Rejects with a UserError when no server is
 * running on that directory.
 */
export async function runOnServer(path: string, line: string, as: string | undefined): Promise<number> {
  const socket = await connectToServer(path);
  const send = (message: object): boolean => socket.write(`${JSON.stringify(message)}\n`);
  send({ line, ...(as === undefined ? {} : { as }) });
  process.stdin.on("data", (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; at += 1 << 16)
      send({ stdin: chunk.subarray(at, at + (1 << 16)).toString("base64") });
    if (!socket.writableNeedDrain) return;
    process.stdin.pause();
    socket.once("drain", () => process.stdin.resume());
  });
  process.stdin.on("end", () => send({ stdin: null }));
  process.on("SIGINT", () => send({ signal: "INT" }));

  let status = 1;
  const lines = createInterface({ input: socket });
  for await (const text of lines) {
    const message = JSON.parse(text) as Answer;
    if (message.stdout !== undefined) process.stdout.write(Buffer.from(message.stdout, "base64"));
    if (message.stderr !== undefined) process.stderr.write(Buffer.from(message.stderr, "base64"));
    if (message.status !== undefined) status = message.status;
  }
  process.stdin.pause();
  return status;
}
