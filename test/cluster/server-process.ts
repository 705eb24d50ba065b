/** A whole server as processes of its own, started as people start it. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { programWords } from "../support/program.ts";
import { finish, type SshResult } from "../support/ssh-clients.ts";

export interface ServerProcess extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  readonly exited: Promise<number | null>;
  /** The pids of its worker processes, now. */
  workers(): Promise<readonly number[]>;
  signal(name: NodeJS.Signals): void;
}

/** `classh serve` with these settings in its environment, run by `launcher` if there is one. Resolves when it listens. */
export async function startServerProcess(
  data: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  launcher: readonly string[] = [],
): Promise<ServerProcess> {
  const [file, ...words] = [...launcher, process.execPath];
  const child = spawn(
    file ?? process.execPath,
    [...words, ...programWords("cli"), "serve", "--data", data, "--listen", "127.0.0.1:0", "--no-demo", ...args],
    {
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: data, LANG: "C.UTF-8", ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const exited = once(child, "exit").then(([status]) => status as number | null);
  const errors: string[] = [];
  child.stderr.on("data", (text: Buffer) => errors.push(text.toString()));
  const port = await portOf(child);
  if (port === undefined) throw new Error(`the server ended with ${await exited}: ${errors.join("")}`);
  const pid = child.pid ?? 0;
  return {
    port,
    pid,
    exited,
    workers: () => childrenOf(pid, "worker"),
    signal: (name) => void child.kill(name),
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/** `classh COMMAND` on the server's own machine. */
export async function runOnServer(data: string, command: readonly string[]): Promise<SshResult> {
  const args = [...programWords("cli"), "--data", data, ...command];
  return await finish(spawn(process.execPath, args, { env: { PATH: "/usr/bin:/bin", HOME: data }, stdio: "pipe" }));
}

/** Undefined when it ended before it listened. */
async function portOf(child: ChildProcess): Promise<number | undefined> {
  if (!child.stdout) throw new Error("no output");
  for await (const line of createInterface({ input: child.stdout })) {
    const match = /listening on .*:(\d+),/.exec(line);
    child.stdout.resume();
    if (match) return Number(match[1]);
  }
  return undefined;
}

/** Children of a process whose command line names `word`. */
async function childrenOf(pid: number, word: string): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const found: number[] = [];
  for (const child of text.split(" ").filter(Boolean).map(Number)) {
    const command = await readFile(`/proc/${child}/cmdline`, "utf8").catch(() => "");
    if (new RegExp(`/${word}\\.[jt]s\\0`).test(command)) found.push(child);
  }
  return found;
}
