/** OpenSSH's sshd, every login of which is led to nano: what a class would have without classh. */
import { access, mkdir, rmdir, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { userInfo } from "node:os";
import { join } from "node:path";
import { newKey } from "./keys.ts";
import type { Scope } from "../../src/base/scope.ts";
import { ServerProcess } from "../base/child.ts";
import { cpuSecondsNow, processTree, proportionalMemory } from "../base/proc.ts";
import { temporaryDirectory } from "../base/temporary.ts";
import { benchFile, type BenchServer, type Target } from "./target.ts";

/** sshd's directory for its unprivileged child. Debian makes it when the service starts, which may never have happened here. */
const privilegeDirectory = "/run/sshd";

/** Everybody logs in as the account that runs the bench: an sshd without root can't become another, and no account is to be made. */
export async function startSshdNano(parent: Scope, sessions: number): Promise<BenchServer> {
  const scope = parent.child("sshd");
  try {
    const username = userInfo().username;
    if (userInfo().uid === 0) await providePrivilegeDirectory(scope);
    const directory = await temporaryDirectory(scope, "sshd");
    const port = await freePort();
    const keys = Array.from({ length: sessions }, () => newKey());
    const config = await writeFiles(
      directory,
      port,
      keys.map((key) => key.public),
    );
    const server = scope.own(
      new ServerProcess({
        name: "sshd",
        file: "/usr/sbin/sshd",
        args: ["-D", "-e", "-f", config],
        env: { PATH: "/usr/bin:/bin", LANG: "C.UTF-8" },
        directory,
        patience: 5000,
      }),
    );
    await server.output(/Server listening/, 10_000);
    return {
      name: "sshd + nano",
      targets: keys.map((key): Target => ({ port, username, login: { kind: "key", privateKey: key.private } })),
      async meter() {
        const tree = await processTree(server.pid);
        return async () => ({ cpuSeconds: await cpuSecondsNow(tree), cpuSecondsByPart: {} });
      },
      started: () => Promise.resolve({ cpuSeconds: 0, jails: 0 }),
      memory: async () => ({ own: await proportionalMemory(await processTree(server.pid)), jails: 0 }),
      [Symbol.asyncDispose]: () => scope.close(),
    };
  } catch (error) {
    await scope.close();
    throw error;
  }
}

async function providePrivilegeDirectory(scope: Scope): Promise<void> {
  const exists = await access(privilegeDirectory).then(
    () => true,
    () => false,
  );
  if (exists) return;
  await mkdir(privilegeDirectory, { mode: 0o755 });
  scope.defer(() => rmdir(privilegeDirectory));
}

/** Returns the path of sshd's configuration. */
async function writeFiles(directory: string, port: number, publicKeys: readonly string[]): Promise<string> {
  const file = (name: string): string => join(directory, name);
  const hostKey = newKey();
  await writeFile(file("host-key"), hostKey.private, { mode: 0o600 });
  // nano locks what it edits (Debian's nanorc), so each login has a file of its own, which its key leads to.
  const keys = publicKeys.map((key, index) => `command="/usr/bin/nano ${file(`${index}.py`)}" ${key}\n`);
  await writeFile(file("authorized-keys"), keys.join(""), { mode: 0o600 });
  for (const index of publicKeys.keys()) await writeFile(file(`${index}.py`), benchFile);
  const lines = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${file("host-key")}`,
    "PidFile none",
    "StrictModes no",
    "UsePAM no",
    `AuthorizedKeysFile ${file("authorized-keys")}`,
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin yes",
    "MaxStartups 2000",
    "PrintMotd no",
    "PrintLastLog no",
    "LogLevel INFO",
    // Without this bash, started by sshd, would read the account's .bashrc, which may take longer than everything else.
    "SetEnv SHLVL=1",
  ];
  await writeFile(file("config"), lines.map((line) => `${line}\n`).join(""));
  return file("config");
}

/** sshd can't be told to take any port, so one that was free a moment ago must do. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
