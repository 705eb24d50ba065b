/** System calls from inside of a jail: those that were once open, and all that the table refuses. What must work is in test/runner/system-calls.test.ts. */
import assert from "node:assert/strict";
import { architectureOf, callGroups, numberOf, type CallName } from "../../src/runner/system-calls.ts";
import { Lab } from "../runner/support.ts";
import { attack } from "./attack.ts";

/** What an attack is called in attacks-calls.py, and what it is after. */
const refused: readonly (readonly [name: string, attack: string])[] = [
  ...["RESVSP", "RESVSP64", "UNRESVSP", "UNRESVSP64", "ZERO_RANGE"].flatMap((name) => [
    [`ioctl ${name}`, `allocates or frees blocks that the file's size does not show (ioctl FS_IOC_${name})`] as const,
    [`ioctl ${name}, high bits set`, `the same with high bits set in the request (FS_IOC_${name})`] as const,
  ]),
  ["ioctl FICLONE", "shares blocks of another file (ioctl FICLONE)"],
  ["ioctl FICLONERANGE", "shares a part of another file (ioctl FICLONERANGE)"],
  ["ioctl FIDEDUPERANGE", "compares blocks with another file's (ioctl FIDEDUPERANGE)"],
  ["ioctl FS_IOC_SETFLAGS", "makes a file that nobody can change (ioctl FS_IOC_SETFLAGS)"],
  ["ioctl FS_IOC_FSSETXATTR", "puts a file into another project's quota (ioctl FS_IOC_FSSETXATTR)"],
  ["ioctl FS_IOC_FIEMAP", "asks where on the disk a file lies (ioctl FS_IOC_FIEMAP)"],
  ["ioctl FS_IOC_ENABLE_VERITY", "grows a file by a hash tree (ioctl FS_IOC_ENABLE_VERITY)"],
  ["ioctl FIFREEZE", "freezes the file system (ioctl FIFREEZE)"],
  ["ioctl FIOASYNC", "lets descriptors send signals (ioctl FIOASYNC)"],
  ["fcntl F_SETLEASE", "holds up whoever opens a file (F_SETLEASE)"],
  ["fcntl F_NOTIFY", "watches a directory (F_NOTIFY)"],
  ["fcntl F_SETOWN", "lets descriptors signal others (F_SETOWN)"],
  ["fcntl F_SETOWN_EX", "the same by thread (F_SETOWN_EX)"],
  ["fcntl F_SETSIG", "chooses the signal for that (F_SETSIG)"],
  ["fcntl F_SETPIPE_SZ", "makes pipes as large as the account may have (F_SETPIPE_SZ)"],
  ["fcntl F_ADD_SEALS", "seals a file (F_ADD_SEALS)"],
  ["fcntl F_SET_RW_HINT", "tells the disk how long data lives (F_SET_RW_HINT)"],
  ["inotify", "uses up the account's watches (inotify_init1)"],
  ["inotify, the old call", "uses up the account's watches (inotify_init)"],
  ["fanotify", "watches a whole file system (fanotify_init)"],
  ["nameless file", "writes to a file without a name (openat with O_TMPFILE)"],
  ["nameless file by the old call", "writes to a file without a name (open with O_TMPFILE)"],
  ["nameless file by openat2", "writes to a file without a name (openat2)"],
  ["sync", "makes the machine write everybody's data to the disk (sync)"],
  ["undumpable", "hides from whoever watches the run (PR_SET_DUMPABLE)"],
  ["a filter of its own", "installs a filter of its own (seccomp)"],
  ["a program for a socket", "runs a program in the kernel (SO_ATTACH_FILTER)"],
  ["memory to compare", "has the kernel compare everybody's memory (MADV_MERGEABLE)"],
  ["locked memory", "locks its memory (mlockall)"],
  ["memory with MAP_LOCKED", "locks memory as it is made (MAP_LOCKED)"],
  ["memory with MAP_HUGETLB", "takes the machine's large pages (MAP_HUGETLB)"],
  ["timer", "takes the account's places for queued signals (timer_create)"],
  ["queued signal", "takes the account's places for queued signals (rt_sigqueueinfo)"],
  ["splice", "moves pages of files into pipes (splice)"],
  ["whiteout", "makes a device by renaming (RENAME_WHITEOUT)"],
  ["child of one's parent", "starts a child that is not its own (CLONE_PARENT)"],
  ["asynchronous reading", "uses up the machine's places for asynchronous reading (io_setup)"],
  ["another's limits", "reads the limits of another process (prlimit)"],
  ["SCTP", "loads a protocol's module (socket with IPPROTO_SCTP)"],
];

/** Linux 6.14 and later show these to no filter: whoever calls them other than from a probe's trampoline is ended. */
const passedBy: readonly CallName[] = ["uretprobe", "uprobe"];

describe("system calls in a jail", () => {
  let results: {
    readonly attacks: Readonly<Record<string, string>>;
    readonly numbers: Readonly<Record<number, string>>;
  };
  const expected = new Map<number, string>();

  before(async () => {
    const architecture = architectureOf(process.arch) ?? "x64";
    for (const { answer, calls } of callGroups) {
      if (answer === "allowed") continue;
      for (const name of Object.keys(calls) as CallName[]) {
        const number = passedBy.includes(name) ? undefined : numberOf(name, architecture);
        if (number !== undefined) expected.set(number, answer);
      }
    }
    for (const newer of [463, 500, 1000]) expected.set(newer, "ENOSYS");
    await using lab = await Lab.open({ runner: { spareJails: false } });
    const end = await lab.run("attacks-calls.py", { args: [JSON.stringify([...expected.keys()])] });
    assert.deepEqual([end.outcome, end.stderr], [{ kind: "exited", status: 0 }, ""]);
    results = JSON.parse(end.stdout) as typeof results;
  });

  for (const [name, what] of refused) {
    attack({ area: "jail", attack: what, outcome: "is refused" }, () =>
      assert.match(results.attacks[name] ?? "not tried", /^refused: /),
    );
  }

  it("take no blocks", () => assert.equal(results.attacks.blocks, "done: 0"));

  attack(
    {
      area: "jail",
      attack: "makes every system call that the table refuses, and newer ones",
      outcome: "gets the error that docs/system-calls.md says",
    },
    () => {
      assert.ok(expected.size > 150);
      for (const [number, answer] of expected) assert.equal(results.numbers[number], answer, `call ${number}`);
    },
  );
});
