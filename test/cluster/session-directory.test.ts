/** What a node writes about its sessions: with a table that only counts. */
import assert from "node:assert/strict";
import { silentLog } from "../../src/base/log.ts";
import { SessionDirectory } from "../../src/cluster/session-directory.ts";
import type { SessionDetail, SessionTable } from "../../src/cluster/session-table.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("what a node tells about its sessions", () => {
  it("is written when it changes, but not for every second in which somebody types", async () => {
    const clock = new FakeClock();
    const written: SessionDetail[] = [];
    const table = {
      update: (_node: string, rows: readonly { readonly detail: SessionDetail }[]) => {
        written.push(...rows.map(({ detail }) => detail));
        return Promise.resolve([]);
      },
    } as unknown as SessionTable;
    await using directory = new SessionDirectory({ table, mostSessions: 10, node: () => "here", clock, log: silentLog });
    let file = "/home/ada/one.py";
    const began = clock.now();
    directory.track({
      id: "session", username: "ada", since: began,
      describe: () => ({ state: "here", detail: { role: "student", from: [], awaySince: null, activeAt: clock.now(), file, unsaved: [], console: "ready", work: null } }),
    });
    for (let second = 0; second < 20; second++) {
      clock.advance(1000);
      await directory.flush();
    }
    assert.ok(written.length >= 4 && written.length <= 5, `${written.length} times in 20 s`);
    const told = clock.now() - (written.at(-1)?.activeAt ?? 0);
    assert.ok(told >= 0 && told <= 5000, "and at most 5 s late");
    file = "/home/ada/two.py";
    await directory.flush();
    assert.equal(written.at(-1)?.file, file);
  });
});
