/**
 * Theory of operation: Node.js has no flock(2), and pid files can lie after a crash. So a child, util-linux's flock, takes a kernel
 * lock on the file and holds it until its standard input closes: that happens when we release it, and also when we die.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";

/** Takes an exclusive lock on a file, or resolves undefined when somebody holds it. Rejects when flock can't be run. */
export async function lockFile(file: string): Promise<AsyncDisposable | undefined> {
  const child = spawn("flock", ["--nonblock", "--conflict-exit-code", "75", file, "sh", "-c", "echo held; exec cat >/dev/null"], {
    stdio: ["pipe", "pipe", "ignore"],
    // Ctrl-C in the server's terminal reaches its whole process group; the lock must last until we are done.
    detached: true,
  });
  const ended = once(child, "exit");
  // "exit" may come while nobody waits for it any more.
  ended.catch(() => undefined);
  const first = await Promise.race([once(child.stdout, "data").then(() => "held"), ended.then(([status]) => String(status))]);
  if (first === "75") return undefined;
  if (first !== "held") throw new Error(`flock ${file} ended with status ${first}`);
  return {
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}
