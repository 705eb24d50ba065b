import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { Lab } from "../runner/support.ts";
import { attack } from "./attack.ts";

/** Attacks by their names in attacks-jail.py, in words: none may give any value at all. */
const refused = [
  ["kill the broker", "kills the broker"],
  ["connect out", "connects to a host outside"],
  ["connect to the server", "connects to the server"],
  ["abstract socket of the host", "connects to an abstract socket of the host"],
  ["vsock", "opens a socket to the hypervisor (AF_VSOCK)"],
  ["netlink", "opens a netlink socket"],
  ["raw socket", "opens a raw socket"],
  ["kernel crypto socket", "opens a socket to the kernel's ciphers (AF_ALG)"],
  ["write /", "writes to /"],
  ["write /dev", "writes to /dev"],
  ["write /etc", "writes to /etc"],
  ["write /usr", "writes to /usr"],
  ["write /home", "writes to /home"],
  ["write /classh", "writes to /classh"],
  ["write /course", "writes to /course"],
  ["write /course/Lecture Notes", "writes to /course/Lecture Notes"],
  ["write /proc/sys/kernel", "writes to /proc/sys/kernel"],
  ["write /dev/pts", "writes to /dev/pts"],
  ["core pattern", "sets the core pattern"],
  ["new user namespace by unshare", "makes a user namespace (unshare)"],
  ["new user namespace by clone", "makes a user namespace (clone)"],
  ["clone3", "calls clone3"],
  ["setns", "enters another namespace (setns)"],
  ["keyctl", "calls keyctl"],
  ["add_key", "calls add_key"],
  ["ptrace", "traces a process (ptrace)"],
  ["process_vm_readv", "reads another process's memory (process_vm_readv)"],
  ["io_uring", "sets up io_uring"],
  ["memfd", "makes a file in memory (memfd_create)"],
  ["bpf", "loads a program into the kernel (bpf)"],
  ["perf", "opens a performance counter (perf_event_open)"],
  ["userfaultfd", "calls userfaultfd"],
  ["shared memory segment", "makes a shared memory segment"],
  ["message queue", "makes a message queue"],
  ["mount", "mounts a file system"],
  ["chroot", "changes its root (chroot)"],
  ["fifo", "makes a named pipe"],
  ["device", "makes a device"],
  ["fallocate beyond the size", "allocates blocks beyond a file's size (fallocate)"],
  ["extended attribute", "sets an extended attribute"],
  ["pipe size", "enlarges a pipe"],
  ["type into the terminal", "types into the terminal (TIOCSTI)"],
  ["type into the terminal, high bits set", "types into the terminal (TIOCSTI with high bits set)"],
  ["paste into the terminal", "pastes into the terminal (TIOCLINUX)"],
  ["line discipline", "sets a line discipline"],
  ["type into a terminal of its own", "types into a pseudo-terminal that it has opened (TIOCSTI)"],
  ["become root", "becomes root"],
  ["su", "runs su"],
  ["raise the limits", "raises its limits"],
  ["swap a link to the host", "swaps in a link to the host"],
  ["remount read-only binds", "remounts read-only binds"],
  ["x32 call", "makes an x32 system call"],
] as const;

/** The same attacks on the two kinds of standard streams that programs get, with and without control groups. */
for (const [streams, cgroups, jailUser] of [
  ["terminal", "auto", "auto"],
  ["pipes", "auto", "off"],
  ["terminal", "off", "auto"],
] as const) {
  describe(`the jail, from inside, on ${streams}, control groups ${cgroups}, jail user ${jailUser}`, () => {
    let lab: Lab;
    let server: Server;
    let abstract: Server;
    let results: Readonly<Record<string, string>>;
    let serverPaths: readonly string[];

    before(async () => {
      lab = await Lab.open({ runner: { cgroups, jailUser } });
      const alan = join(lab.directory, "files/Local/alan");
      await writeFile(join(alan, "secret.txt"), "Alan's secret");
      server = await listening({ host: "127.0.0.1", port: 0 });
      const name = `classh-attack-${process.pid}-${streams}-${cgroups}`;
      abstract = await listening({ path: `\0${name}` });
      serverPaths = [
        "/home/alan",
        alan,
        join(alan, "secret.txt"),
        lab.directory,
        join(lab.directory, "runner"),
        import.meta.filename,
        "/etc/shadow",
        "/root",
        "/var",
        "/sys",
        "/run",
      ];
      const targets = JSON.stringify({
        broker: lab.runner.brokerPid,
        port: (server.address() as AddressInfo).port,
        abstract: name,
        server: lab.directory,
        paths: serverPaths,
      });
      results = streams === "pipes" ? await onPipes(lab, targets) : await onTerminal(lab, targets);
    });
    after(async () => {
      server.close();
      abstract.close();
      await lab[Symbol.asyncDispose]();
    });

    it("holds descriptors 0, 1 and 2 only, while other terminals are open", () => {
      assert.equal(results.descriptors, "done: [0, 1, 2]");
    });

    it("shows no other student's files, nor the server's", () => {
      assert.equal(results.homes, "done: ['ada']");
      for (const path of serverPaths)
        assert.match(results[`read ${path}`] ?? "", /^refused: (ENOENT|EACCES|EPERM)$/, path);
      assert.equal(
        results.root,
        "done: ['bin', 'classh', 'course', 'dev', 'etc', 'home', 'lib', 'lib64', 'proc', 'sbin', 'tmp', 'usr']",
      );
    });

    it("shows no process but its own", () => {
      assert.match(results.processes ?? "", /^done: \['python3[.\d]*'\]$/);
    });

    it("shows nothing of the server's environment and directories", () => {
      assert.equal(results["environment of process 1"], "refused: ENOENT");
      assert.equal(results["command line of process 1"], "refused: ENOENT");
      assert.match(
        results["own environment"] ?? "",
        /^done: \['HOME', 'LANG', 'LESSHISTFILE', 'LOGNAME', 'MPLCONFIGDIR', 'OMP_NUM_THREADS', 'PAGER', 'PATH', 'PWD', 'PYTHONDONTWRITEBYTECODE', 'TERM', 'USER', 'XDG_CACHE_HOME'\]$/,
      );
    });

    it("has no network", () => {
      assert.equal(results["network interfaces"], "done: ['lo']");
    });

    it("has no capabilities, no way to new ones, and a filter", () => {
      const zero = "0".repeat(16);
      assert.equal(
        results.status,
        `done: {'Seccomp': '2', 'NoNewPrivs': '1', 'CapEff': '${zero}', 'CapPrm': '${zero}', 'CapInh': '${zero}', 'CapAmb': '${zero}', 'CapBnd': '${zero}'}`,
      );
    });

    const outcome = "gets 8 at most, of its own: those of others are not there";
    attack({ area: "jail", attack: "opens pseudo-terminals without end", outcome }, () => {
      // An older kernel makes none in a jail whose programs have no account of their own.
      const none = lab.runner.jail.user === undefined && results["new terminals"] === "done: (0, 'ENOENT', 0, [])";
      if (!none) assert.equal(results["new terminals"], "done: (8, 'ENOSPC', 9, [])");
    });

    for (const [name, title] of refused) {
      attack({ area: "jail", attack: title, outcome: "is refused" }, () => {
        assert.match(results[name] ?? "not tried", /^refused: /);
      });
    }
  });
}

async function listening(address: { host?: string; port?: number; path?: string }): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(address, resolve));
  return server;
}

async function onPipes(lab: Lab, targets: string): Promise<Record<string, string>> {
  const end = await lab.run("attacks-jail.py", { args: [targets] });
  assert.equal(end.stderr, "");
  return JSON.parse(end.stdout) as Record<string, string>;
}

/** With two other terminals open in the same broker, whose descriptors must not be inherited. */
async function onTerminal(lab: Lab, targets: string): Promise<Record<string, string>> {
  await using first = lab.console();
  await first.promptShown();
  await using second = lab.console();
  await second.promptShown();
  await using console = lab.console();
  console.console.resize({ columns: 500, rows: 24 });
  console.console.runFile("/home/ada/attacks-jail.py", [targets]);
  await console.until("the results", () => console.ends.length > 0);
  const line = console.text.split("\r\n").find((text) => text.startsWith("{"));
  assert.ok(line, console.text);
  return JSON.parse(line) as Record<string, string>;
}
