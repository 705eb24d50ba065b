/** The profile of system calls for containers (config/container-seccomp.json): the whole server runs under it. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { architectureOf, callGroups, numberOf, type CallGroup, type CallName } from "../../src/runner/system-calls.ts";
import { firstPassword, startServerProcess } from "../support/server-process.ts";
import { runSshClient } from "../support/ssh-clients.ts";

const profileFile = fileURLToPath(new URL("../../config/container-seccomp.json", import.meta.url));
const launcher = fileURLToPath(new URL("programs/under_profile.py", import.meta.url));

interface Profile {
  readonly defaultAction: string;
  readonly syscalls: readonly {
    readonly names: readonly string[];
    readonly action: string;
    readonly errnoRet?: number;
  }[];
}

describe("the container's profile of system calls", () => {
  let profile: Profile;
  before(async () => {
    profile = JSON.parse(await readFile(profileFile, "utf8"));
  });

  it("refuses what it does not name, and names each call once", () => {
    assert.equal(profile.defaultAction, "SCMP_ACT_ERRNO");
    const names = profile.syscalls.flatMap((rule) => rule.names);
    assert.equal(new Set(names).size, names.length);
    const allowed = new Set(
      profile.syscalls.filter(({ action }) => action === "SCMP_ACT_ALLOW").flatMap((rule) => rule.names),
    );
    // What reaches past a container.
    for (const name of [
      "ptrace",
      "bpf",
      "init_module",
      "kexec_load",
      "settimeofday",
      "keyctl",
      "perf_event_open",
      "setns",
      "reboot",
      "open_by_handle_at",
      "process_vm_writev",
      "userfaultfd",
      "io_uring_setup",
      "swapon",
      "syslog",
    ])
      assert.ok(!allowed.has(name), name);
  });

  it("lets the server, its database, a jail and file transfers work", async () => {
    const architecture = architectureOf(process.arch) ?? assert.fail("no such machine");
    const data = await mkdtemp(join(tmpdir(), "profile-"));
    try {
      const calls = (callGroups as readonly CallGroup[]).flatMap((group) => Object.keys(group.calls));
      const numbers = Object.fromEntries(
        calls.flatMap((name) => {
          const number = numberOf(name as CallName, architecture);
          return number === undefined ? [] : [[name, number]];
        }),
      );
      const numbersFile = join(data, "numbers.json");
      await writeFile(numbersFile, JSON.stringify(numbers));
      const before = ["/usr/bin/python3", "-I", launcher, profileFile, numbersFile];
      const directory = join(data, "data");
      await using server = await startServerProcess(directory, {
        before,
        env: { CLASSH_INITIAL_PASSWORD_CHANGE: "off" },
      });
      const filter = await readFile(`/proc/${server.child.pid}/status`, "utf8");
      assert.match(filter, /^Seccomp:\s+2$/m);
      const password = await firstPassword(directory, "ada");
      const { port, fingerprint } = server;
      const run = (command: string, stdin = "") =>
        runSshClient("openssh", { host: "127.0.0.1", port, fingerprint, user: "ada", password, command }, stdin);
      const welcome = await run("run welcome.py", "Ada\n");
      assert.equal(welcome.status, 0, welcome.stderr);
      assert.match(welcome.stdout, /Ada/);
      // git starts a program that starts programs; what it lacks is a repository.
      const git = await run("git-upload-pack '/home/ada/none'");
      assert.match(git.stderr, /does not appear to be a git repository/);
      const rsync = await run("rsync --server --sender -logDtpre.iLsfxCIvu . /home/ada/", "");
      assert.doesNotMatch(rsync.stderr, /Operation not permitted|Function not implemented/);
    } finally {
      await rm(data, { recursive: true, force: true });
    }
  });
});
