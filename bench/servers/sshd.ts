/** OpenSSH's sshd, every login of which is led to one program: what a class would have without classh. */
import { randomBytes } from "node:crypto";
import { access, chmod, chown, mkdir, rmdir, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { newKey } from "./keys.ts";
import { metersOf } from "./meters.ts";
import { PasswordHasher } from "../../src/auth/password-hasher.ts";
import type { Scope } from "../../src/base/scope.ts";
import { ServerProcess } from "../base/child.ts";
import { temporaryDirectory } from "../base/temporary.ts";
import { makePrivateAccounts } from "./private-accounts.ts";
import { benchFile, type BenchServer, type Target } from "./target.ts";

/** sshd's directory for its unprivileged child. Debian makes it when the service starts, which may never have happened here. */
const privilegeDirectory = "/run/sshd";

/** Where Debian has it. */
const sftpServer = "/usr/lib/openssh/sftp-server";

/** What classh's default is, so that both hash as long. */
const bcryptCost = 10;

export interface SshdOptions {
  readonly name: string;
  /** The path of sshd. */
  readonly sshd: string;
  readonly sessions: number;
  readonly login: Target["login"]["kind"];
  /** What each login runs, in a directory with the file `welcome.py`: a line for a shell. */
  readonly command: string;
  /** More files of that directory, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Whether its own sftp-server is there as well. */
  readonly sftp?: boolean;
  /** What welcome.py has in it. */
  readonly file?: string;
}

interface Person {
  readonly target: Omit<Target, "port">;
  readonly home: string;
  readonly owner: number;
  readonly publicKey: string;
}

/** People of an sshd, and the words that start a program which knows them. */
interface People {
  readonly all: readonly Person[];
  readonly launcher: readonly string[];
}

/** Each session is of an account of its own, as in a class. Only root can start it. */
export async function startSshd(parent: Scope, options: SshdOptions): Promise<BenchServer> {
  const scope = parent.child("sshd");
  try {
    await providePrivilegeDirectory(scope);
    const directory = await temporaryDirectory(scope, "sshd");
    await chmod(directory, 0o711);
    const port = await freePort();
    const { all, launcher } = await makePeople(directory, options);
    for (const person of all) await furnish(person, options);
    const config = await writeConfiguration({ directory, port, people: all, options });
    const [file, ...words] = [...launcher, options.sshd, "-D", "-e", "-f", config];
    if (file === undefined) throw new Error("there is nothing to start");
    const server = scope.own(
      new ServerProcess({
        name: options.name,
        file,
        args: words,
        env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C.UTF-8" },
        directory,
        patience: 5000,
      }),
    );
    await server.output(/Server listening/, 30_000);
    return {
      name: options.name,
      targets: all.map(({ target }): Target => ({ ...target, port })),
      ...metersOf(server.pid),
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

async function makePeople(directory: string, { sessions, login }: SshdOptions): Promise<People> {
  const hasher = new PasswordHasher({ cost: bcryptCost });
  const passwords = new Map(
    Array.from({ length: sessions }, (_, index) => [`s${index}`, randomBytes(12).toString("hex")]),
  );
  const hashes = new Map<string, string>();
  for (const [name, password] of passwords) hashes.set(name, login === "password" ? await hasher.hash(password) : "*");
  const { accounts, launcher } = await makePrivateAccounts(directory, hashes);
  const all = accounts.map(({ name, uid, home }): Person => {
    const key = newKey();
    const secret: Target["login"] =
      login === "key"
        ? { kind: "key", privateKey: key.private }
        : { kind: "password", password: passwords.get(name) ?? "" };
    return { target: { username: name, login: secret }, home, owner: uid, publicKey: key.public };
  });
  return { all, launcher };
}

/** What a person finds. nano locks what it edits (Debian's nanorc), so each has a file of their own. */
async function furnish({ home, owner }: Person, { files = {}, file = benchFile }: SshdOptions): Promise<void> {
  for (const [name, text] of Object.entries({ "welcome.py": file, ...files })) {
    const path = join(home, name);
    await writeFile(path, text);
    await chown(path, owner, owner);
  }
}

interface Configuration {
  readonly directory: string;
  readonly port: number;
  readonly people: readonly Person[];
  readonly options: SshdOptions;
}

/** Returns the path of sshd's configuration. */
async function writeConfiguration({ directory, port, people, options }: Configuration): Promise<string> {
  const file = (name: string): string => join(directory, name);
  await writeFile(file("host-key"), newKey().private, { mode: 0o600 });
  const keys = people.map(
    ({ home, publicKey }) =>
      `command="cd ${home} && ${options.command.replaceAll('"', String.raw`\"`)}" ${publicKey}\n`,
  );
  await writeFile(file("authorized-keys"), keys.join(""), { mode: 0o644 });
  const lines = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${file("host-key")}`,
    "PidFile none",
    "StrictModes no",
    "UsePAM no",
    `AuthorizedKeysFile ${file("authorized-keys")}`,
    ...(options.login === "password"
      ? ["PasswordAuthentication yes", `ForceCommand ${options.command}`]
      : ["PasswordAuthentication no"]),
    ...(options.sftp ? [`Subsystem sftp ${sftpServer}`] : []),
    "KbdInteractiveAuthentication no",
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
