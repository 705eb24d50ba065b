import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { UserError } from "../../src/base/errors.ts";
import { silentLog } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import { explained } from "../../src/workspace/file-failures.ts";
import { ProjectQuotas, projectRange, type ProjectQuotaOptions } from "../../src/workspace/project-quotas.ts";
import { makeFiles } from "./fixture.ts";

const limitBytes = 200 << 20;
const prepare = fileURLToPath(new URL("../../bin/prepare-quotas", import.meta.url));
const words = ["1000000000", "1000000003", "1024", "100"];

describe("quotas of the kernel for homes", () => {
  let scope: Scope;
  let directory: string;
  let homes: string;
  let given: string;

  beforeEach(async () => {
    scope = new Scope("project quotas");
    directory = await mkdtemp(join(tmpdir(), "classh-projects-"));
    scope.defer(() => rm(directory, { recursive: true, force: true }));
    homes = join(directory, "files/Local");
    given = join(directory, "given");
    await writeFile(given, "");
    // A double for the helper: few kernels can do this at all. It notes which directory got which id.
    await writeFile(join(directory, "python"), `#!/bin/sh\necho "$3 $4" >> ${given}\n`);
    await chmod(join(directory, "python"), 0o755);
  });
  afterEach(() => scope.close());

  /** A file system on which each directory that got an id has a limit. */
  function open(more: Partial<ProjectQuotaOptions> = {}): Promise<ProjectQuotas> {
    const sizeOf = async (path: string): Promise<number> =>
      (await readFile(given, "utf8")).includes(` ${path}\n`) ? limitBytes : 2 ** 40;
    const options = {
      directory: join(directory, "projects"),
      homes,
      range: { first: 1000, last: 1003 },
      limitBytes,
      python: join(directory, "python"),
      sweeps: true,
      log: silentLog,
      sizeOf,
    };
    return ProjectQuotas.open({ ...options, isMounted: () => Promise.resolve(true), ...more });
  }

  async function idsOf(username: string): Promise<string[]> {
    return (await readFile(given, "utf8"))
      .split("\n")
      .filter((line) => line.endsWith(`/${username}`))
      .map((line) => line.split(" ")[0] ?? "");
  }

  it("gives each home an id of its own, once, and one only, also when several processes do it at once", async () => {
    const range = { first: 1000, last: 1099 };
    const processes = [
      scope.own(await open({ range })),
      scope.own(await open({ range })),
      scope.own(await open({ range })),
    ];
    for (const name of ["ada", "alan", "grace"]) await mkdir(join(homes, name));
    await Promise.all(["ada", "alan", "grace"].flatMap((name) => processes.map((each) => each.assign(name))));
    const ids = await Promise.all(["ada", "alan", "grace"].map(async (name) => [...new Set(await idsOf(name))]));
    assert.deepEqual(
      ids.map((each) => each.length),
      [1, 1, 1],
    );
    assert.equal(new Set(ids.flat()).size, 3);
    assert.ok(processes.every((each) => each.holds("ada")));
    const before = (await idsOf("ada")).length;
    await scope.own(await open({ range })).assign("ada");
    assert.equal((await idsOf("ada")).length, before);
  });

  it("frees the id of a home that is gone, and says when there is none left: then programs are watched", async () => {
    const first = scope.own(await open());
    for (const name of ["ada", "alan", "grace", "late"]) await mkdir(join(homes, name));
    for (const name of ["ada", "alan", "grace", "late"]) await first.assign(name);
    assert.equal(first.holds("late"), false);
    await rm(join(homes, "alan"), { recursive: true });
    const second = scope.own(await open());
    await second.assign("late");
    assert.equal(second.holds("late"), true);
    assert.deepEqual(
      (await readdir(join(directory, "projects"))).filter((name) => name.includes("alan")),
      [],
    );
  });

  it("gives a home that was removed and made again its id anew", async () => {
    await mkdir(join(homes, "ada"), { recursive: true });
    await scope.own(await open()).assign("ada");
    await writeFile(given, "");
    const again = scope.own(await open());
    await again.assign("ada");
    assert.deepEqual(await idsOf("ada"), ["1000"]);
  });

  it("is not there, with the reason, where the file system or the settings don't have it", async () => {
    assert.match(scope.own(await open({ range: undefined })).reason ?? "", /projectIds is empty/);
    assert.match(
      scope.own(await open({ isMounted: () => Promise.resolve(false) })).reason ?? "",
      /not mounted with prjquota/,
    );
    assert.match(scope.own(await open({ sizeOf: () => Promise.resolve(2 ** 40) })).reason ?? "", /bin\/start as root/);
    await writeFile(
      join(directory, "python"),
      "#!/bin/sh\necho 'OSError: [Errno 95] Operation not supported' >&2\nexit 1\n",
    );
    assert.match(scope.own(await open()).reason ?? "", /can't be given a project here \(OSError: .*not supported\)/);
    assert.deepEqual(await readdir(join(directory, "files")), ["Local"], "nothing is left of the trial");
    assert.deepEqual(projectRange("5-7"), { first: 5, last: 7 });
    assert.equal(projectRange(""), undefined);
  });

  it("copies instead of moving from one home to another, and leaves nothing behind", async () => {
    const projects = scope.own(await open());
    const files = await makeFiles(scope, { projects });
    await files.prof.createDirectory("/home/prof/given");
    await files.prof.writeText("/home/prof/given/a.py", "print(1)\n");
    await files.prof.rename("/home/prof/given", "/course/Assignments/given");
    assert.equal((await files.prof.readText("/course/Assignments/given/a.py")).text, "print(1)\n");
    await assert.rejects(files.prof.stat("/home/prof/given"));
  });

  it("tells a person in a sentence that the kernel refused a save", async () => {
    // As Node.js gives it (seen on Linux 6.1, ext4 with prjquota): the number is right, the code is not.
    const refused = Object.assign(new Error("UNKNOWN: unknown error, write"), {
      code: "UNKNOWN",
      errno: -122,
      syscall: "write",
    });
    await assert.rejects(
      explained("/home/ada/a.py", () => Promise.reject(refused)),
      (error) => {
        assert.ok(error instanceof UserError);
        assert.equal(error.code, "quota-exceeded");
        assert.match(
          `${error.message}. ${error.hint}`,
          /your account has no room left.*the old file is unchanged\. .*Delete files/,
        );
        return true;
      },
    );
  });

  it("are set by root only, on a file system that has them", async () => {
    const { stdout } = await promisify(execFile)("/usr/bin/python3", ["-I", prepare, directory, ...words]);
    assert.match(stdout, /^none (not started by root|.*prjquota|.*no project quotas)/);
  });
});
