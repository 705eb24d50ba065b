import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { outOfSupport } from "../../src/base/node-release.ts";

const on = (day: string): number => Date.parse(`${day}T12:00:00Z`);

describe("a release of Node.js", () => {
  it("is out of support from the day on which its fixes end", () => {
    assert.equal(outOfSupport("20.20.2", on("2026-04-30")), undefined);
    assert.equal(
      outOfSupport("20.20.2", on("2026-05-01")),
      "Node.js 20.20.2 no longer gets security fixes (support ended on 2026-04-30): install Node.js 24, and bin/start will use it",
    );
    assert.equal(outOfSupport("22.3.0", on("2026-12-01")), undefined);
    assert.match(outOfSupport("22.3.0", on("2027-06-01")) ?? "", /ended on 2027-04-30/);
    assert.equal(outOfSupport("24.21.0", on("2026-12-01")), undefined);
  });

  it("that is short-lived, or older than all that we know, has no support, and of a newer one nothing is said", () => {
    assert.match(
      outOfSupport("23.1.0", on("2026-12-01")) ?? "",
      /^Node\.js 23\.1\.0 no longer gets security fixes: install/,
    );
    assert.match(outOfSupport("18.20.0", on("2026-12-01")) ?? "", /no longer gets security fixes/);
    assert.match(outOfSupport("25.0.0", on("2026-12-01")) ?? "", /no longer gets security fixes/);
    assert.equal(outOfSupport("26.0.0", on("2026-12-01")), undefined);
  });

  it("is the one that the scripts look for first only while it has support", () => {
    const script = readFileSync(new URL("../../bin/common.bash", import.meta.url), "utf8");
    const supported = /^supported_releases=\((.*)\)$/m.exec(script)?.[1]?.split(" ") ?? [];
    assert.deepEqual(supported, ["24", "22"]);
    for (const major of supported) assert.equal(outOfSupport(`${major}.0.0`, on("2026-12-01")), undefined, major);
  });
});
