/** What programs in a jail can learn about the machine, and about each other through files that both may read. */
import assert from "node:assert/strict";
import { readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { JailSpec } from "../../src/runner/jail-spec.ts";
import { Lab } from "../runner/support.ts";
import { attack } from "./attack.ts";

type Mounts = Readonly<Record<"mountinfo" | "mounts" | "mountstats", string>>;

interface Seen {
  /** Files of /proc that are no process's and not empty. */
  readonly machine: Readonly<Record<string, string>>;
  readonly self: Mounts;
  readonly child: Mounts;
  readonly thread: Mounts;
  readonly first: readonly string[];
  readonly named: readonly string[];
  readonly processors: number;
  readonly "standard streams": readonly boolean[];
}

/** What is left of /proc beside processes, and made for the jail. */
const synthetic = ["/proc/cpuinfo", "/proc/loadavg", "/proc/meminfo", "/proc/stat", "/proc/swaps", "/proc/uptime"];

const noMounts: Mounts = { mountinfo: "", mounts: "", mountstats: "" };

for (const cgroups of ["auto", "off"] as const) {
  describe(`what a jail tells of its machine, control groups ${cgroups}`, () => {
    let lab: Lab;
    let seen: Seen;

    before(async () => {
      lab = await Lab.open({ runner: { cgroups } });
      const words = JSON.stringify([lab.directory, "classh-runner", "Local/ada", import.meta.dirname]);
      const end = await lab.run("attacks-host.py", { stdin: words });
      assert.equal(end.stderr, "");
      seen = JSON.parse(end.stdout) as Seen;
    });
    after(async () => {
      await lab[Symbol.asyncDispose]();
    });

    attack(
      {
        area: "jail",
        attack: "reads the load, memory, disks, boot id and everything else under /proc",
        outcome: "finds only the jail's own processes and figures",
      },
      () => {
        assert.deepEqual(Object.keys(seen.machine).toSorted(), synthetic);
      },
    );

    attack(
      { area: "jail", attack: "compares the figures of /proc with the machine's", outcome: "finds constants" },
      async () => {
        for (const path of ["/proc/loadavg", "/proc/meminfo", "/proc/uptime", "/proc/stat"])
          assert.notEqual(seen.machine[path], await readFile(path, "utf8"), path);
        assert.equal(seen.machine["/proc/uptime"], "0.00 0.00\n");
        assert.match(seen.machine["/proc/meminfo"] ?? "", /^MemTotal: +131072 kB\n/);
        assert.equal(seen.machine["/proc/cpuinfo"]?.match(/^processor/gm)?.length, seen.processors);
      },
    );

    attack(
      {
        area: "jail",
        attack: "reads the server's directories from the mounts of its processes",
        outcome: "finds no mounts, whichever process or thread it looks at",
      },
      () => {
        assert.deepEqual(seen.self, noMounts);
        assert.deepEqual(seen.thread, noMounts);
        assert.deepEqual(seen.child, noMounts);
      },
    );

    attack(
      { area: "jail", attack: "looks for the mounts of the jail's first process", outcome: "finds an empty folder" },
      () => {
        assert.deepEqual(seen.first, []);
      },
    );

    attack(
      {
        area: "jail",
        attack: "looks for the server's directories in every file of its own processes",
        outcome: "finds them nowhere",
      },
      () => {
        assert.deepEqual(seen.named, []);
      },
    );

    it("has the standard streams as files", () => {
      assert.deepEqual(seen["standard streams"], [true, true, true]);
    });
  });
}

describe("two jails that may read the same files", () => {
  let lab: Lab;
  let alan: JailSpec;
  const files = [
    "/course/Lecture Notes/notes.txt",
    "/usr/bin/python3",
    "/etc/passwd",
    "/etc/ld.so.cache",
    "/classh/runner.py",
    "/proc/cpuinfo",
    "/proc/version",
  ];
  const longAgo = new Date("2001-02-03T04:05:06Z");

  before(async () => {
    lab = await Lab.open();
    const notes = join(lab.directory, "files/Lecture Notes/notes.txt");
    await writeFile(notes, "Read me.\n");
    // Older than the last change: by the usual rule (relatime), reading would change it.
    await utimes(notes, longAgo, new Date());
    alan = { ...lab.place, owner: "alan" };
  });
  after(async () => {
    await lab[Symbol.asyncDispose]();
  });

  /** What Alan sees while Ada holds locks, and then of what Ada reads. */
  async function seenMeanwhile(names: readonly string[]): Promise<Record<string, [boolean, boolean, number]>> {
    const input = new PassThrough();
    const ada = lab.start("holds-locks.py", input, { args: names });
    await new Promise<void>((resolve) => ada.stdout.once("data", () => resolve()));
    const end = await lab.run("looks-at-locks.py", { args: names, place: alan });
    input.end();
    assert.deepEqual((await ada.end).stderr, "");
    assert.equal(end.stderr, "");
    return JSON.parse(end.stdout) as Record<string, [boolean, boolean, number]>;
  }

  attack(
    {
      area: "jail",
      attack: "locks a course or system file (flock, fcntl) to signal another student's program",
      outcome: "nobody else sees the lock",
    },
    async () => {
      const seen = await seenMeanwhile(files);
      for (const file of files) assert.deepEqual(seen[file]?.slice(0, 2), [false, false], file);
    },
  );

  attack(
    {
      area: "jail",
      attack: "reads a course file to signal another student's program",
      outcome: "the file's access time does not change",
    },
    async () => {
      await seenMeanwhile([files[0] ?? ""]);
      assert.equal((await stat(join(lab.directory, "files/Lecture Notes/notes.txt"))).atimeMs, longAgo.getTime());
    },
  );

  it("locks files of one's home for all programs of that person", async () => {
    const seen = await seenMeanwhile(["/home/ada/hello.py"]);
    assert.deepEqual(seen["/home/ada/hello.py"]?.slice(0, 2), [true, true]);
  });

  it("shows what teachers change in the course to programs that start afterwards", async () => {
    await writeFile(join(lab.directory, "files/Lecture Notes/new.txt"), "Read me too.\n");
    const end = await lab.run("shows-file.py", { args: ["/course/Lecture Notes/new.txt"] });
    assert.equal(end.stdout, "Read me too.\n");
  });
});
