/** Starts that must not disturb a server that runs, and starts that can't succeed: one sentence, and nothing is left. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, mkdtemp, readdir, readlink, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Scope } from "../../src/base/scope.ts";
import { runOnServer, startServerProcess, type ServerProcess } from "../cluster/server-process.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { programWords } from "../support/program.ts";
import { attack } from "./attack.ts";

describe("starts that go wrong", () => {
  let scope: Scope;
  let top: string;
  let data: string;
  let database: TestDatabase;
  let server: ServerProcess;

  before(async () => {
    scope = new Scope("starts");
    top = await mkdtemp(join(tmpdir(), "classh-starts-"));
    scope.defer(() => rm(top, { recursive: true, force: true, maxRetries: 5 }));
    // Too long for the control socket: Node.js would cut it and listen elsewhere.
    data = join(top, "d".repeat(110));
    await mkdir(data);
    database = scope.own(await testDatabase());
    server = scope.own(
      await startServerProcess(data, ["--workers", "1"], {
        DATABASE_URL: database.url,
        CLASSH_ACCOUNTS_BCRYPT_COST: "4",
      }),
    );
  });
  after(() => scope.close());

  interface Ended {
    readonly status: number | null;
    readonly errors: string;
  }

  /** Starts one more server; `begun` is told its pid. */
  async function start(
    directory: string,
    {
      listen = "127.0.0.1:0",
      environment = {},
      begun,
    }: { listen?: string; environment?: Readonly<Record<string, string>>; begun?: (pid: number) => Promise<void> } = {},
  ): Promise<Ended> {
    const words = [
      ...programWords("cli"),
      "serve",
      "--data",
      directory,
      "--listen",
      listen,
      "--no-demo",
      "--workers",
      "1",
    ];
    const child = spawn(process.execPath, words, {
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: top, LANG: "C.UTF-8", ...environment },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const errors: string[] = [];
    child.stderr.on("data", (text: Buffer) => errors.push(text.toString()));
    const closed = once(child, "close");
    scope.defer(() => void child.kill("SIGTERM")); // of a test that failed
    await begun?.(child.pid ?? 0);
    const [status] = (await closed) as [number | null];
    return { status, errors: errors.join("") };
  }

  async function assertUndisturbed(): Promise<void> {
    const { stdout, status } = await runOnServer(data, ["status", "--json"]);
    assert.equal(status, 0);
    assert.equal((JSON.parse(stdout) as { database: string }).database, "up");
    await access(join(data, "run"));
  }

  /** Refused in one sentence with a remedy, and no number to give to a teacher. */
  function assertRefused({ status, errors }: Ended, words: RegExp): void {
    assert.notEqual(status, 0);
    assert.match(errors, words);
    assert.doesNotMatch(errors, /something went wrong in classh|    at /);
  }

  attack(
    {
      area: "faults",
      attack: "starts a second server on a data directory in use",
      outcome: "is refused; the first one keeps serving",
    },
    async () => {
      assertRefused(await start(data, { environment: { DATABASE_URL: database.url } }), /another classh is running on/);
      await assertUndisturbed();
    },
  );

  attack(
    {
      area: "faults",
      attack: "removes the lock file and starts a second server",
      outcome: "is refused, because the first one answers; that one keeps serving and takes the lock again",
    },
    async () => {
      await rm(join(data, "lock"));
      assertRefused(await start(data, { environment: { DATABASE_URL: database.url } }), /another classh is running on/);
      await assertUndisturbed();
    },
  );

  attack(
    {
      area: "faults",
      attack: "kills whatever holds the data directory's lock beside the server",
      outcome: "there is no such process: the server itself holds it",
    },
    async () => {
      const children = await readdir("/proc").then((names) => names.filter((name) => /^\d+$/.test(name)));
      for (const pid of children) {
        const links = await Promise.all(
          (await readdir(`/proc/${pid}/fd`).catch(() => [])).map((fd) =>
            readlink(`/proc/${pid}/fd/${fd}`).catch(() => ""),
          ),
        );
        if (links.some((link) => link === join(data, "lock"))) assert.equal(Number(pid), server.pid);
      }
      await assertUndisturbed();
    },
  );

  attack(
    { area: "faults", attack: "starts on a port in use", outcome: "is refused before a database is created" },
    async () => {
      const taken = createServer().listen(0, "127.0.0.1");
      await once(taken, "listening");
      const fresh = join(top, "port");
      assertRefused(
        await start(fresh, { listen: `127.0.0.1:${(taken.address() as AddressInfo).port}` }),
        /is already in use/,
      );
      taken.close();
      assert.ok(!(await readdir(fresh)).includes("postgres"));
    },
  );

  attack(
    {
      area: "faults",
      attack: "puts a directory in the host key's place, a file in recovery's",
      outcome: "is refused with the path and what to do",
    },
    async () => {
      const fresh = join(top, "kinds");
      await mkdir(join(fresh, "host-key"), { recursive: true });
      assertRefused(await start(fresh), /host-key should be a file, but is a directory/);
      await rm(join(fresh, "host-key"), { recursive: true });
      await writeFile(join(fresh, "recovery"), "");
      assertRefused(await start(fresh), /recovery should be a directory, but is a file/);
    },
  );

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    attack(
      { area: "faults", attack: `stops a first start half-way (${signal})`, outcome: "nothing is left running" },
      async () => {
        const fresh = join(top, signal);
        const begun = async (pid: number): Promise<void> => {
          await eventually(async () =>
            (await readdir(fresh).catch(() => [])).some((name) => name.startsWith("postgres")),
          );
          process.kill(pid, signal);
        };
        assert.deepEqual(await start(fresh, { begun }), { status: 0, errors: "" });
        for (const pid of await readdir("/proc")) {
          if (!/^\d+$/.test(pid)) continue;
          const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => "");
          assert.ok(!cwd.startsWith(fresh), `${pid} is left`);
        }
      },
    );
  }
});
