/** The metrics of a server at work, as Prometheus reads them. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { histogramTable, readTable } from "../../src/metrics/metric-tables.ts";
import { promtool } from "../metrics/promtool.ts";
import { eventually } from "../support/eventually.ts";
import { testServer, type TestServer } from "../support/server.ts";
import { readOperations } from "../metrics/deployed.ts";

describe("metrics of a server", () => {
  let place: string;
  let server: TestServer;

  before(async () => {
    place = await mkdtemp(join(tmpdir(), "classh-metrics-"));
    server = await testServer({ "metrics.listen": "127.0.0.1:0", "backup.directory": join(place, "kept") });
    await server.add("lovelace", "student", "A");
    await server.add("hopper", "admin");
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await rm(place, { recursive: true, force: true });
  });

  const get = (path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${server.server.metrics?.address?.port}${path}`);
  const scrape = async (): Promise<string> => await (await get("/metrics")).text();
  const valueOf = (text: string, sample: string): number =>
    Number(
      text
        .split("\n")
        .find((line) => line.startsWith(`${sample} `))
        ?.slice(sample.length + 1) ?? Number.NaN,
    );

  it("count and time what people do, in every histogram, and name nobody", async () => {
    await using ada = await server.connect("lovelace");
    await ada.wait("welcome.py");
    ada.press("F5");
    await ada.wait("RUN welcome.py");
    await server.run("lovelace", "user add somebody");
    let text = "";
    await eventually(async () => {
      text = await scrape();
      return Object.values(histogramTable).every(([name]) => valueOf(text, `${name}_count{process="server"}`) > 0);
    });
    assert.equal(valueOf(text, 'classh_refusals_total{reason="not-permitted",process="server"}'), 1);
    assert.equal(valueOf(text, 'classh_sessions{state="active",process="server"}'), 1);
    assert.equal(valueOf(text, 'classh_connections{state="logged_in",process="server"}'), 1);
    assert.equal(valueOf(text, 'classh_database_up{process="server"}'), 1);
    assert.ok(valueOf(text, 'classh_memory_bytes{part="jails",process="server"}') > 1e6);
    assert.ok(valueOf(text, 'classh_lease_age_seconds{process="server"}') < 60);
    assert.ok(valueOf(text, "classh_disk_free_bytes") > 0);
    assert.equal(valueOf(text, "classh_backup_failed"), 0);
    for (const { name } of Object.values(readTable).filter((each) => each !== readTable.diskInodes))
      assert.match(text, new RegExp(`^${name}[ {]`, "m"), name);
    for (const word of ["lovelace", "hopper", "127.0.0.1", "welcome", place]) assert.ok(!text.includes(word), word);
    assert.deepEqual(await promtool(["check", "metrics"], text), { status: 0, output: "" });
    await eventually(async () => valueOf(await scrape(), 'classh_spare_jails{process="server"}') === 1);
  });

  it("have every name that rules and dashboard ask for", async () => {
    const text = await scrape();
    const names = new Set([...text.matchAll(/^(\w+)[ {]/gm)].map(([, name]) => name));
    const { asked } = await readOperations();
    assert.ok(asked.size > 20, `only ${asked.size} names found`);
    assert.deepEqual(
      [...asked].filter((name) => !names.has(name)),
      [],
    );
  });

  it("and the class view of admins say that no backup can be made", async () => {
    assert.equal((await get("/readyz")).status, 200);
    await writeFile(join(place, "kept"), "a file in the way");
    await using admin = await server.connect("hopper", { command: "class", pty: true });
    await admin.wait(/! The backups can't be listed: ENOTDIR/);
    await eventually(async () => valueOf(await scrape(), "classh_backup_failed") === 1);
    const ready = (await (await get("/readyz?verbose")).json()) as { ready: boolean; troubles: readonly string[] };
    assert.deepEqual(ready.troubles, ["server: backup: the backups can't be listed: ENOTDIR"]);
    assert.equal(ready.ready, true);
    admin.type("q");
    await admin.exited;
  });
});
