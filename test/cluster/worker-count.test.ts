/** How many processes a server has. */
import assert from "node:assert/strict";
import { UserError } from "../../src/base/errors.ts";
import { workerCount, workerSettings } from "../../src/cluster/worker-count.ts";
import { loadSettings } from "../../src/config/load.ts";

describe("the number of workers", () => {
  const settings = (workers: number | "auto", url = "") =>
    loadSettings({ environment: {}, flags: { "cluster.workers": workers, "database.url": url } });

  it("is the number of cores, as far as the embedded database can serve them", () => {
    assert.equal(workerCount(settings("auto"), 2), 2);
    assert.equal(workerCount(settings("auto"), 40), 16);
    assert.equal(workerCount(settings("auto", "postgresql://elsewhere/x"), 40), 40);
  });

  it("is none for one core, and for whoever wants one process", () => {
    assert.equal(workerCount(settings("auto"), 1), 0);
    assert.equal(workerCount(settings(0), 8), 0);
    assert.equal(workerCount(settings(1), 8), 0);
    assert.equal(workerCount(settings(3), 2), 3);
  });

  it("is refused when the embedded database can't serve so many", () => {
    assert.throws(
      () => workerCount(settings(17), 2),
      (error: unknown) =>
        error instanceof UserError && error.code === "bad-setting" && /17 workers/.test(error.message),
    );
    assert.equal(workerCount(settings(17, "postgresql://elsewhere/x"), 2), 17);
  });

  it("leaves all workers together what the embedded database takes", () => {
    for (const count of [2, 5, 16]) {
      const { poolSize } = workerSettings(settings(count), count).database;
      assert.ok(poolSize >= 2 && (poolSize + 1) * count <= 50, `${count} workers with ${poolSize}`);
    }
  });
});
