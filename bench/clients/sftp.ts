/** OpenSSH's sftp, as people use it: one batch of its commands for each login. */
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Scope } from "../../src/base/scope.ts";
import { temporaryDirectory } from "../base/temporary.ts";
import type { Target } from "../servers/target.ts";

/** The last so many characters of what it complains about are kept. */
const maxKept = 2000;

export class SftpClient {
  readonly #words: readonly string[];

  private constructor(words: readonly string[]) {
    this.#words = words;
  }

  /** Somebody with a key. */
  static async of(scope: Scope, { port, username, login }: Target): Promise<SftpClient> {
    if (login.kind !== "key") throw new Error("sftp of the bench logs in by key");
    const identity = join(await temporaryDirectory(scope, "sftp"), "key");
    await writeFile(identity, login.privateKey, { mode: 0o600 });
    const options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "IdentitiesOnly=yes", "BatchMode=yes"];
    const words = ["-q", "-F", "none", "-i", identity, "-P", String(port), ...options.flatMap((each) => ["-o", each])];
    return new SftpClient([...words, "-b", "-", `${username}@127.0.0.1`]);
  }

  /** Milliseconds from the login to its end. Rejects when a command fails. */
  async run(...commands: readonly string[]): Promise<number> {
    const begin = performance.now();
    const child = spawn("sftp", this.#words, { stdio: ["pipe", "ignore", "pipe"] });
    let errors = "";
    child.stderr.on("data", (data: Buffer) => void (errors = (errors + data.toString()).slice(-maxKept)));
    const status = new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    child.stdin.end(commands.map((command) => `${command}\n`).join(""));
    if ((await status) !== 0) throw new Error(`sftp could not ${commands.join(", ")}: ${errors}`);
    return performance.now() - begin;
  }
}
