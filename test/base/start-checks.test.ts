import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { UserError } from "../../src/base/errors.ts";
import { prepareSocketPath, socketPath } from "../../src/base/socket-path.ts";
import { checkMachine, refuseFatal } from "../../src/base/start-checks.ts";
import { onSmallDisk } from "../support/small-disk.ts";
import { loader } from "../support/program.ts";

describe("the checks of a start", () => {
  let data: string;
  beforeEach(async () => (data = await mkdtemp(join(tmpdir(), "checks-"))));
  afterEach(() => rm(data, { recursive: true }));

  /** What would keep a server from starting; a machine of tests may be short of room without being full. */
  const fatal = async (): Promise<string[]> =>
    (await checkMachine(data)).filter((finding) => finding.fatal).map(({ sentence }) => sentence.replace(data, "DIR"));

  it("have nothing against an empty directory, one in use, and links", async () => {
    assert.deepEqual(await fatal(), []);
    for (const name of ["files", "recovery", "log", "run", "postgres"]) await mkdir(join(data, name));
    await writeFile(join(data, "key"), "");
    await symlink(join(data, "key"), join(data, "host-key"));
    assert.deepEqual(await fatal(), []);
  });

  it("say which entry is of another kind, and what to do", async () => {
    await mkdir(join(data, "host-key"));
    await writeFile(join(data, "recovery"), "");
    assert.deepEqual(await fatal(), [
      "DIR/host-key should be a file, but is a directory",
      "DIR/recovery should be a directory, but is a file",
    ]);
    const findings = await checkMachine(data);
    assert.throws(
      () => refuseFatal(findings),
      (error: unknown) =>
        error instanceof UserError && error.code === "bad-setting" && /Move it away/.test(error.hint ?? ""),
    );
  });

  it("say which entry the account can't use", async () => {
    await mkdir(join(data, "files"), { mode: 0o500 });
    await writeFile(join(data, "host-key"), "", { mode: 0 });
    const found = await fatal();
    const words =
      /^the account \S+ can't use DIR\/files \(EACCES\); the account \S+ can't use DIR\/host-key \(EACCES\)$/;
    assert.match(found.join("; "), process.getuid?.() === 0 ? /^$/ : words); // root may everything
    await chmod(join(data, "files"), 0o700);
  });

  it("say that the disk is full, with a status after which a server that served before is started again", async () => {
    const program = fileURLToPath(new URL("programs/small-room.ts", import.meta.url));
    assert.deepEqual(await onSmallDisk(program, 16), {
      code: "disk-full",
      message: "only 16 MiB are free for /mnt",
      hint: "Make room on the file system of /mnt (df -h /mnt).",
      exitStatus: 1, // 2, a bad setting, would end bin/supervise
    });
  });

  it("say that too few files may be open", async () => {
    const program = `
      const { checkMachine } = await import(${JSON.stringify(new URL("../../src/base/start-checks.ts", import.meta.url).href)});
      console.log(JSON.stringify(await checkMachine(process.argv.at(-1))));
    `;
    const words = [
      "-c",
      'ulimit -n 256; exec "$0" "$@"',
      process.execPath,
      ...loader,
      "--input-type=module",
      "-e",
      program,
      data,
    ];
    const { stdout } = await promisify(execFile)("/bin/sh", words);
    const found = (JSON.parse(stdout) as { sentence: string; remedy: string }[]).find(({ sentence }) =>
      sentence.includes("open at once"),
    );
    assert.match(found?.sentence ?? "", /^only 256 files may be open at once/);
    assert.match(found?.remedy ?? "", /ulimit -n/);
  });
});

describe("the path of a socket", () => {
  it("is what it was when it is short enough, and otherwise one that a socket can have, in a folder of our own", async () => {
    assert.equal(socketPath("/tmp/x/control.sock"), "/tmp/x/control.sock");
    const deep = join(tmpdir(), "d".repeat(120), "control.sock");
    const real = await prepareSocketPath(deep);
    assert.equal(real, socketPath(deep));
    const server = createServer().listen(real);
    await once(server, "listening");
    assert.ok(Buffer.byteLength(real) <= 107);
    server.close();
    await rm(join(real, ".."), { recursive: true });
    // Somebody else has taken the name: a link would lead anywhere.
    await symlink("/tmp", join(real, ".."));
    await assert.rejects(prepareSocketPath(deep), /too long for a socket/);
    await rm(join(real, ".."));
  });
});
