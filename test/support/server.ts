/** The real server in this process, on a database and a data directory of its own, for whole-server tests. */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Role } from "../../src/auth/roles.ts";
import { silentLog, type Log } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import { loadSettings } from "../../src/config/load.ts";
import { start, type Server } from "../../src/server/main.ts";
import { testDatabase } from "./database.ts";
import { runSshClient, type SshClient, type SshResult } from "./ssh-clients.ts";
import { openTerminalClient, type TerminalClient, type TerminalClientOptions } from "./terminal-client.ts";

export interface TestServer extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  /** The data directory. */
  readonly data: string;
  /** Ada's home on disk. */
  home(username: string): string;
  /** Adds an account whose password is its name and "-password-1"; its initial password needs no change. */
  add(username: string, role?: Role, section?: string): Promise<void>;
  /** OpenSSH in a terminal, logged in; `command` runs without the IDE, with `pty` as `ssh -t` does. */
  connect(
    username: string,
    options?: TerminalClientOptions & { command?: string; pty?: boolean; password?: string },
  ): Promise<TerminalClient>;
  /** `ssh USER@host COMMAND` without a terminal, by any of the four clients. */
  run(username: string, command: string, stdin?: string | Buffer, client?: SshClient): Promise<SshResult>;
  /** The words of an ssh command line for a user, with the password in SSH_ASKPASS's environment. */
  ssh(
    username: string,
    password?: string,
  ): Promise<{ readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }>;
}

export function passwordOf(username: string): string {
  return `${username}-password-1`.split("").toReversed().join("");
}

/** Settings for tests whose programs run until the test ends them: 30 seconds are over soon on a busy machine. */
export const patientRuns = { "limits.runSeconds": 600 };

/** Starts a server with settings of its own ("limits.runSeconds": 1). Accounts are added by the test. */
export async function testServer(
  settings: Readonly<Record<string, unknown>> = {},
  log: Log = silentLog,
): Promise<TestServer> {
  const scope = new Scope("test server");
  try {
    const data = await mkdtemp(join(tmpdir(), "classh-server-"));
    scope.defer(() => rm(data, { recursive: true, force: true, maxRetries: 3 }));
    const database = scope.own(await testDatabase());
    const flags = {
      data,
      listen: "127.0.0.1:0",
      "database.url": database.url,
      "accounts.bcryptCost": 4,
      "database.retrySeconds": 30,
      initialPasswordChange: false,
      timeZone: "UTC",
      ...settings,
    };
    const server = scope.own(await start({ settings: loadSettings({ environment: {}, flags }), demo: false, log }));
    const askpass = join(data, "askpass");
    await writeFile(askpass, '#!/bin/sh\nprintf "%s\\n" "$TEST_PASSWORD"\n');
    await chmod(askpass, 0o700);
    const ssh: TestServer["ssh"] = async (username, password = passwordOf(username)) => ({
      args: [
        "-F",
        "none",
        "-p",
        String(server.port),
        "-o",
        "StrictHostKeyChecking=no",
        "-o",
        "UserKnownHostsFile=/dev/null",
        "-o",
        "LogLevel=ERROR",
        "-o",
        "PubkeyAuthentication=no",
        "-o",
        "NumberOfPasswordPrompts=1",
        `${username}@127.0.0.1`,
      ],
      env: {
        SSH_ASKPASS: askpass,
        SSH_ASKPASS_REQUIRE: "force",
        TEST_PASSWORD: password,
        PATH: "/usr/bin:/bin",
        HOME: data,
      },
    });
    return {
      server,
      data,
      port: server.port,
      ssh,
      home: (username) => join(data, "files", "Local", username),
      async add(username, role = "student", section) {
        const { accounts, workspaces } = server.services;
        await accounts.add({ username, role, section });
        await accounts.setPassword(username, passwordOf(username));
        await workspaces.ensureHome(username);
      },
      async connect(username, options = {}) {
        const { command, pty = false, password, env, ...rest } = options;
        const how = await ssh(username, password);
        const args = command === undefined ? ["-t", ...how.args] : [...(pty ? ["-t"] : []), ...how.args, command];
        return openTerminalClient("ssh", args, {
          ...rest,
          env: { TERM: "xterm-256color", LANG: "C.UTF-8", ...how.env, ...env },
        });
      },
      run(username, command, stdin, client = "openssh") {
        const { port, fingerprint } = server;
        return runSshClient(
          client,
          { host: "127.0.0.1", port, fingerprint, user: username, password: passwordOf(username), command },
          stdin,
        );
      },
      [Symbol.asyncDispose]: () => scope.close(),
    };
  } catch (error) {
    await scope.close();
    throw error;
  }
}
