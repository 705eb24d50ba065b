/** The real server as a process of its own, with its own embedded PostgreSQL: for what only a process can show (kill -9, SIGTERM). */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { giveCluster } from "./cluster-template.ts";
import { programWords } from "./program.ts";

export interface ServerProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly port: number;
  readonly fingerprint: string;
  /** Everything that it printed so far. */
  readonly output: () => string;
  /** Its exit status, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
}

/** Starts `classh serve`, all in one process unless it is told otherwise; rejects with what it printed when it ends before it listens. */
export async function startServerProcess(
  data: string,
  options: {
    args?: readonly string[];
    env?: Readonly<Record<string, string>>;
    /** Words before those of the server: a program that ends as it. */
    before?: readonly string[];
  } = {},
): Promise<ServerProcess> {
  const cluster = join(data, "postgres");
  if (!existsSync(cluster)) await giveCluster(cluster);
  const { child, output, exited } = launch(
    ["serve", "--listen", "127.0.0.1:0", "--data", data, ...(options.args ?? [])],
    { CLASSH_CLUSTER_WORKERS: "1", ...options.env },
    options.before,
  );
  const listening = /listening on .*:(\d+), host key (SHA256:\S+)/;
  const found = new Promise<RegExpExecArray>((resolve) => {
    const look = (): void => {
      const match = listening.exec(output());
      if (match) resolve(match);
    };
    child.stdout?.on("data", look);
  });
  const match = await Promise.race([
    found,
    exited.then((status) => Promise.reject(new Error(`the server ended (${status}): ${output()}`))),
  ]);
  return {
    child,
    output,
    exited,
    port: Number(match[1]),
    fingerprint: match[2] ?? "",
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      await exited;
    },
  };
}

/** Runs `classh ARGS` to its end. */
export async function runCommandLine(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<{ status: number | NodeJS.Signals; output: string }> {
  const { child, output, exited } = launch(args, env);
  child.stdin?.end();
  return { status: await exited, output: output() };
}

/** The initial password of an account of the demo class. */
export async function firstPassword(data: string, username: string): Promise<string> {
  const text = await readFile(join(data, "first-login.txt"), "utf8");
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${username} `));
  return line?.split(" ")[1] ?? "";
}

function launch(args: readonly string[], env: Readonly<Record<string, string>> = {}, before: readonly string[] = []) {
  const [program = "", ...words] = [...before, process.execPath, ...programWords("cli"), ...args];
  const child = spawn(program, words, {
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/nonexistent", TMPDIR: "/tmp", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => void lines.push(line));
  const exited = once(child, "close").then(
    ([status, signal]: unknown[]) => (signal ?? status) as number | NodeJS.Signals,
  );
  return { child, output: () => lines.join("\n"), exited };
}
