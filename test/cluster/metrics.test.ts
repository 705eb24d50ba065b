/** One scrape has all processes of a server, also while one of them stands still. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Scope } from "../../src/base/scope.ts";
import { promtool } from "../metrics/promtool.ts";
import { testDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { runOnServer, startServerProcess, type ServerProcess } from "./server-process.ts";

describe("metrics of a server with workers", () => {
  let scope: Scope;
  let server: ServerProcess;
  let port: number;
  let data: string;

  before(async () => {
    scope = new Scope("metrics test");
    data = await mkdtemp(join(tmpdir(), "classh-metrics-"));
    scope.defer(() => rm(data, { recursive: true, force: true, maxRetries: 5 }));
    const database = scope.own(await testDatabase());
    port = await freePort();
    server = scope.own(
      await startServerProcess(data, ["--workers", "2"], {
        DATABASE_URL: database.url,
        CLASSH_DATABASE_POOL_SIZE: "4",
        CLASSH_METRICS_LISTEN: `127.0.0.1:${port}`,
      }),
    );
  });
  after(() => scope.close());

  const get = async (path: string): Promise<Response> => await fetch(`http://127.0.0.1:${port}${path}`);
  const up = async (): Promise<readonly string[]> =>
    (await (await get("/metrics")).text()).split("\n").filter((line) => line.startsWith("classh_process_up{"));

  it("has the primary and all workers in one scrape", async () => {
    const text = await (await get("/metrics")).text();
    for (const process of ["primary", "worker-1", "worker-2"]) {
      assert.match(text, new RegExp(`^process_cpu_seconds_total\\{process="${process}"\\} `, "m"));
      assert.match(text, new RegExp(`^classh_refusals_total\\{reason="disk-full",process="${process}"\\} 0`, "m"));
    }
    assert.equal(text.match(/^classh_disk_free_bytes /gm)?.length, 1);
    assert.equal(text.match(/^classh_login_duration_seconds_count\{/gm)?.length, 2, "nobody logs in at the primary");
    assert.deepEqual(await promtool(["check", "metrics"], text), { status: 0, output: "" });
  });

  it("is what doctor looks for", async () => {
    const { stdout } = await runOnServer(data, ["doctor"]);
    assert.match(stdout, new RegExp(`^ok +metrics +served at 127\\.0\\.0\\.1:${port}$`, "m"));
  });

  it("counts workers that are started again", async () => {
    const [killed = 0] = await server.workers();
    process.kill(killed, "SIGKILL");
    await eventually(async () =>
      /^classh_restarts_total\{part="worker",process="primary"\} 1$/m.test(await (await get("/metrics")).text()),
    );
    await eventually(async () => (await up()).every((line) => line.endsWith(" 1")));
  });

  it("leaves out the one that does not answer, and says so, while the others do", async () => {
    const [stopped = 0] = await server.workers();
    process.kill(stopped, "SIGSTOP");
    try {
      await eventually(async () => (await up()).filter((line) => line.endsWith(" 0")).length === 1);
      const text = await (await get("/metrics")).text();
      assert.equal(text.match(/^classh_jails\{/gm)?.length, 1);
      const ready = await get("/readyz?verbose");
      assert.equal(ready.status, 200, "the other one takes people");
      assert.match(await ready.text(), /process: does not answer/);
    } finally {
      process.kill(stopped, "SIGCONT");
    }
    await eventually(async () => (await up()).every((line) => line.endsWith(" 1")));
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
