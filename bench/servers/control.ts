/** Speaks to a classh server's control socket (src/commands/control-socket.ts tells the protocol), for many accounts quickly. */
import { once } from "node:events";
import { createConnection } from "node:net";
import { createInterface } from "node:readline";

export interface ControlCommand {
  readonly line: string;
  /** The user who gives the command; without one it is the local admin. */
  readonly as?: string | undefined;
  readonly stdin?: string | undefined;
}

interface ControlAnswer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly status?: number;
}

/** Runs a command and resolves with its standard output. Rejects unless it ends with status 0. */
export async function control(socketPath: string, { line, as, stdin = "" }: ControlCommand): Promise<string> {
  const socket = createConnection(socketPath);
  socket.on("error", () => undefined); // a server that is killed: said by the answer that does not come
  await once(socket, "connect");
  const messages = [
    { line, ...(as === undefined ? {} : { as }) },
    { stdin: Buffer.from(stdin).toString("base64") },
    { stdin: null },
  ];
  socket.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(""));
  let stdout = "";
  let stderr = "";
  for await (const text of createInterface({ input: socket })) {
    const answer = JSON.parse(text) as ControlAnswer;
    stdout += decoded(answer.stdout);
    stderr += decoded(answer.stderr);
    if (answer.status === 0) return stdout;
  }
  throw new Error(`${line} failed: ${stderr}`);
}

function decoded(text: string | undefined): string {
  return text === undefined ? "" : Buffer.from(text, "base64").toString("utf8");
}
