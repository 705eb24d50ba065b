/** The four SSH clients that people use, each run without a person: one command line in, its status and output out. */
import { spawn, type ChildProcess } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type SshClient = "openssh" | "plink" | "dbclient" | "paramiko";

export const sshClients: readonly SshClient[] = ["openssh", "plink", "dbclient", "paramiko"];

export interface SshTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The host key's "SHA256:...", as plink wants to know it. */
  readonly fingerprint: string;
  readonly password?: string;
  /** Typed where the server asks for a new password (OpenSSH only). */
  readonly newPassword?: string;
  /** A private key in OpenSSH's format (OpenSSH and paramiko only; the former then offers nothing else). */
  readonly keyFile?: string;
  /** The remote command; none asks for a shell. */
  readonly command?: string;
  /** More arguments of the client's own, before the host: ["-tt"]. */
  readonly options?: readonly string[];
}

export interface SshResult {
  /** The exit status; null when a signal ended the client. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandLine {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a client to its end. `stdin` undefined is an empty input, as with </dev/null. */
export async function runSshClient(client: SshClient, target: SshTarget, stdin?: string | Buffer): Promise<SshResult> {
  await using home = await clientHome();
  const child = startSshClient(client, target, home.directory);
  return await finish(child, stdin); // the home must outlive the client
}

/** Starts a client with pipes; `home` is a directory from `clientHome`. The caller ends it. */
export function startSshClient(client: SshClient, target: SshTarget, home: string): ChildProcess {
  const { file, args, env } = commandLine(client, target, home);
  return spawn(file, args, { env, stdio: "pipe" });
}

export interface ClientHome extends AsyncDisposable {
  readonly directory: string;
}

/** A home directory for clients, with the program that types passwords for OpenSSH; removed on disposal. */
export async function clientHome(): Promise<ClientHome> {
  const directory = await mkdtemp(join(tmpdir(), "ssh-client-"));
  const askpass = join(directory, "askpass");
  await writeFile(
    askpass,
    '#!/bin/sh\ncase "$1" in *New*) printf "%s\\n" "$TEST_NEW_PASSWORD";; *) printf "%s\\n" "$TEST_PASSWORD";; esac\n',
  );
  await chmod(askpass, 0o700);
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
}

/** How each client is called. */
export function commandLine(client: SshClient, target: SshTarget, home: string): CommandLine {
  const env = { HOME: home, PATH: "/usr/local/bin:/usr/bin:/bin", LANG: "C.UTF-8", TERM: "xterm-256color" };
  const lines: Record<SshClient, () => CommandLine> = {
    openssh: () => ({
      file: "ssh",
      args: openSshArguments(target),
      env: { ...env, ...askpassEnvironment(target, home) },
    }),
    plink: () => ({ file: "plink", args: plinkArguments(target), env }),
    dbclient: () => ({
      file: "dbclient",
      args: dbclientArguments(target),
      env: { ...env, DROPBEAR_PASSWORD: target.password ?? "" },
    }),
    paramiko: () => ({ file: "/usr/bin/python3", args: ["-c", paramikoProgram, JSON.stringify(target)], env }),
  };
  return lines[client]();
}

function askpassEnvironment(target: SshTarget, home: string): Record<string, string> {
  return {
    SSH_ASKPASS: join(home, "askpass"),
    SSH_ASKPASS_REQUIRE: "force",
    TEST_PASSWORD: target.password ?? "",
    TEST_NEW_PASSWORD: target.newPassword ?? "",
  };
}

function openSshArguments(target: SshTarget): string[] {
  const settings = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "IdentitiesOnly=yes"];
  if (target.keyFile) settings.push("PreferredAuthentications=publickey", `IdentityFile=${target.keyFile}`);
  else settings.push("PubkeyAuthentication=no");
  const options = settings.flatMap((setting) => ["-o", setting]);
  const command = target.command === undefined ? [] : [target.command];
  return [
    "-F",
    "none",
    "-p",
    String(target.port),
    ...(target.options ?? []),
    ...options,
    `${target.user}@${target.host}`,
    ...command,
  ];
}

function plinkArguments(target: SshTarget): string[] {
  const fixed = [
    "-batch",
    "-ssh",
    "-noagent",
    "-hostkey",
    target.fingerprint,
    "-P",
    String(target.port),
    "-l",
    target.user,
  ];
  const command = target.command === undefined ? [] : [target.command];
  return [...fixed, "-pw", target.password ?? "", ...(target.options ?? []), target.host, ...command];
}

function dbclientArguments(target: SshTarget): string[] {
  const command = target.command === undefined ? [] : [target.command];
  // -y twice: take any host key, and do not remember it.
  return ["-y", "-y", "-p", String(target.port), "-l", target.user, ...(target.options ?? []), target.host, ...command];
}

const paramikoProgram = `
import json, sys, threading, paramiko
target = json.loads(sys.argv[1])
client = paramiko.SSHClient()
client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
client.connect(target["host"], target["port"], target["user"], password=target.get("password"),
               key_filename=target.get("keyFile"), look_for_keys=False, allow_agent=False)
channel = client.get_transport().open_session()
if "command" in target:
    channel.exec_command(target["command"])
else:
    channel.get_pty()
    channel.invoke_shell()
def pump(read, write):
    while True:
        data = read(32768)
        if not data:
            return
        write(data)
        sys.stdout.flush()
errors = threading.Thread(target=pump, args=(channel.recv_stderr, sys.stderr.buffer.write))
output = threading.Thread(target=pump, args=(channel.recv, sys.stdout.buffer.write))
errors.start()
output.start()
pump(sys.stdin.buffer.read, channel.sendall)
channel.shutdown_write()
output.join()
errors.join()
status = channel.recv_exit_status()
client.close()
sys.stdout.flush()
sys.exit(status)
`;

/** Feeds `stdin` to a child and collects what it prints. */
export function finish(child: ChildProcess, stdin?: string | Buffer): Promise<SshResult> {
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout?.on("data", (bytes: Buffer) => stdout.push(bytes));
    child.stderr?.on("data", (bytes: Buffer) => stderr.push(bytes));
    child.stdin?.on("error", () => child.stdin?.destroy()); // a client that ends early does not read the rest
    child.stdin?.end(stdin ?? "");
    child.on("error", reject);
    child.on("close", (status, signal) => {
      resolve({ status, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
  });
}
