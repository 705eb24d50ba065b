/** What a node writes about its sessions: with a table that only counts. */
import assert from "node:assert/strict";
import { silentLog } from "../../src/base/log.ts";
import { SessionDirectory } from "../../src/cluster/session-directory.ts";
import type { SessionDetail, SessionTable } from "../../src/cluster/session-table.ts";
import { eventually } from "../support/eventually.ts";
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
    await using directory = new SessionDirectory({ table, maxSessions: 10, node: () => "here", clock, log: silentLog });
    let file = "/home/ada/one.py";
    const began = clock.now();
    directory.track({
      id: "session",
      username: "ada",
      since: began,
      describe: () => ({
        state: "here",
        detail: {
          role: "student",
          from: [],
          awaySince: null,
          activeAt: clock.now(),
          file,
          unsaved: [],
          console: "ready",
          work: null,
        },
      }),
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

  const idle = (username: string, describe = (): void => undefined) => ({
    id: `session of ${username}`,
    username,
    since: 0,
    describe() {
      describe();
      const detail: SessionDetail = {
        role: "student",
        from: [],
        awaySince: null,
        activeAt: 0,
        file: null,
        unsaved: [],
        console: "ready",
        work: null,
      };
      return { state: "here" as const, detail };
    },
  });

  it("is written again under a lease that began while it was written under the old one", async () => {
    let node = "old";
    const written: string[] = [];
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const table = {
      update: (under: string, rows: readonly { readonly username: string }[]) => {
        written.push(...rows.map(({ username }) => `${username} under ${under}`));
        return answered.then(() => []);
      },
    } as unknown as SessionTable;
    await using directory = new SessionDirectory({
      table,
      maxSessions: 10,
      node: () => node,
      clock: new FakeClock(),
      log: silentLog,
    });
    directory.track(idle("ada"));
    const first = directory.flush();
    await eventually(() => written.length === 1);
    node = "new";
    directory.renew();
    answer();
    await first;
    await directory.flush();
    assert.deepEqual(written, ["ada under old", "ada under new"]);
  });

  it("is looked at in many turns of the event loop where there are many", async () => {
    let inThisTurn = 0;
    let maxAtOnce = 0;
    let rows = 0;
    const table = {
      update: (_node: string, part: readonly unknown[]) => ((rows += part.length), Promise.resolve([])),
    } as unknown as SessionTable;
    await using directory = new SessionDirectory({
      table,
      maxSessions: 1000,
      node: () => "here",
      clock: new FakeClock(),
      log: silentLog,
    });
    const looked = (): void => {
      if (inThisTurn === 0) setImmediate(() => (inThisTurn = 0));
      maxAtOnce = Math.max(maxAtOnce, (inThisTurn += 1));
    };
    for (let index = 0; index < 1000; index++) directory.track(idle(`ada${index}`, looked));
    await directory.flush();
    assert.equal(rows, 1000);
    assert.ok(maxAtOnce <= 100, `${maxAtOnce} in one turn`);
  });
});
