/** The screens with figures, on a terminal in memory. */
import assert from "node:assert/strict";
import type { Account } from "../../src/auth/account.ts";
import { systemClock } from "../../src/base/clock.ts";
import { UserError } from "../../src/base/errors.ts";
import { silentLog } from "../../src/base/log.ts";
import type { ServerOverview } from "../../src/commands/server-state.ts";
import { useOf, type UsageReport } from "../../src/commands/usage-report.ts";
import { niceAbove } from "../../src/tui/reports/bar-chart.ts";
import type { ReportPage } from "../../src/tui/reports/report-page.ts";
import { ServerStatusPage } from "../../src/tui/reports/server-status-page.ts";
import { showReport, type ReportEnd } from "../../src/tui/reports/show-report.ts";
import { UsagePage, type UsageWish } from "../../src/tui/reports/usage-page.ts";
import { eventually } from "../support/eventually.ts";
import { createFakeTerminal, type FakeTerminal } from "../support/fake-terminal.ts";

const teacher = { username: "prof", role: "professor", sections: ["A", "B"] } as unknown as Account;

function open(report: ReportPage, size = { columns: 80, rows: 24 }, fresh = () => Promise.resolve(teacher)) {
  const terminal = createFakeTerminal(size);
  const end: Promise<ReportEnd> = showReport(terminal, {
    report,
    course: "CS101",
    user: "prof",
    fresh,
    clock: systemClock,
    log: silentLog,
  });
  return { terminal, end, [Symbol.dispose]: () => terminal[Symbol.dispose]() };
}

const shows = (terminal: FakeTerminal, text: string | RegExp): Promise<void> =>
  eventually(() => {
    const screen = terminal.screen().join("\n");
    return typeof text === "string" ? screen.includes(text) : text.test(screen);
  });

function usageOf(students: number, section = "A"): UsageReport {
  const sums = { "login:": 3, "milliseconds:": 7_200_000, "outcome:ok": 5, "outcome:error": 2, "error:NameError": 2 };
  const use = useOf([sums]);
  return {
    from: "2026-11-01",
    to: "2026-11-30",
    sections: [section],
    students: Array.from({ length: students }, (_, index) => ({
      username: index === 0 ? null : `student${String(index).padStart(2, "0")}`,
      name: "\u202eevil \u001b[2J",
      section,
      ...use,
    })),
    days: Array.from({ length: 30 }, (_, day) => ({
      day: `2026-11-${String(day + 1).padStart(2, "0")}`,
      students,
      ...useOf(day % 7 === 0 ? [] : [sums]),
    })),
    all: use,
  };
}

describe("the usage page", () => {
  function pageOf(wishes: UsageWish[], students = 40): UsagePage {
    return new UsagePage({
      read: (_, wish) => {
        wishes.push(wish);
        return Promise.resolve(usageOf(students, wish.section));
      },
      sections: () => Promise.resolve(["A", "B"]),
    });
  }

  for (const size of [
    { columns: 80, rows: 24 },
    { columns: 200, rows: 50 },
  ])
    it(`shows the chart, errors and students at ${size.columns}x${size.rows}`, async () => {
      using stage = open(pageOf([]), size);
      await shows(stage.terminal, "Hours a day");
      const screen = stage.terminal.screen();
      assert.match(screen.join("\n"), /█[^]*11-01[^]*11-2\d/, "bars above days");
      assert.match(screen.join("\n"), /Errors by kind[^]*NameError +2/);
      assert.match(screen.join("\n"), /40 students · 2\.0 h · 3 logins · 7 runs: 5 ok, 2 failed, 0 at a limit/);
      assert.match(screen.join("\n"), /student01.* 2\.0 +7 +5 +2 +0 +NameError 2/);
      assert.doesNotMatch(screen.join("\n"), /[\u202e\u001b]/u);
      for (const row of screen) assert.ok(row.length <= size.columns, row);
    });

  it("changes measure, days and section, scrolls, and says its keys", async () => {
    const wishes: UsageWish[] = [];
    using stage = open(pageOf(wishes));
    const { terminal } = stage;
    await shows(terminal, "Hours a day");
    terminal.press("Tab");
    await shows(terminal, "Runs a day");
    assert.equal(wishes.length, 1, "nothing is read for another measure");
    terminal.input("d");
    await eventually(() => wishes.at(-1)?.days === 120);
    terminal.input("s");
    await eventually(() => wishes.at(-1)?.section === "A");
    terminal.input("s");
    await eventually(() => wishes.at(-1)?.section === "B");
    await shows(terminal, "section B");
    terminal.input("s");
    await eventually(() => wishes.at(-1)?.section === undefined && wishes.length === 5);
    terminal.press("End");
    await shows(terminal, "to 40 of 40");
    await shows(terminal, "removed accounts");
    terminal.press("Home");
    await shows(terminal, "1 to ");
    terminal.input("?");
    await shows(terminal, "Help: keys");
    await shows(terminal, "Show 7, 30 or 120 days");
    terminal.press("Escape");
    await eventually(() => !terminal.screen().join("\n").includes("Help: keys"));
    terminal.input("q");
    assert.deepEqual(await stage.end, { kind: "back" });
  });

  it("says when the figures can't be read, and keeps those that it had", async () => {
    let fails = false;
    const page = new UsagePage({
      read: () =>
        fails
          ? Promise.reject(new UserError("database-unavailable", "the database is away", "Wait."))
          : Promise.resolve(usageOf(3)),
      sections: () => Promise.resolve(["A"]),
    });
    using stage = open(page);
    await shows(stage.terminal, "Hours a day");
    fails = true;
    stage.terminal.input("d");
    await shows(stage.terminal, "The database is away. Wait.");
    await shows(stage.terminal, "student01");
  });

  it("ends when the person may not see it any more, and at once for who never may", async () => {
    const no = (): Promise<Account> => Promise.reject(new UserError("not-permitted", "no"));
    await assert.rejects(open(pageOf([]), undefined, no).end, { code: "not-permitted" });
    let may = true;
    using stage = open(pageOf([]), undefined, () => (may ? Promise.resolve(teacher) : no()));
    await shows(stage.terminal, "Hours a day");
    may = false;
    stage.terminal.input("d");
    await assert.rejects(stage.end, { code: "not-permitted" });
  });
});

describe("a scale", () => {
  it("ends at a round number that is not below the highest bar", () => {
    assert.deepEqual([0, 0.3, 1, 1.1, 7, 38, 100, 4100].map(niceAbove), [1, 0.4, 1, 2, 8, 40, 100, 6000]);
  });
});

describe("the page with the server's state", () => {
  const figures = {
    uptime: 4000,
    sessions: 3,
    away: 1,
    connections: 5,
    loggedIn: 4,
    running: 2,
    jails: 6,
    memory: 120 * 2 ** 20,
    heap: 1,
    cpu: 12,
    delayP50: 0.001,
    delayP99: 0.02,
    delayMax: 1.5,
    logLost: 0,
  };
  const well: ServerOverview = {
    state: {
      version: "1.2.3",
      listen: "127.0.0.1:2222",
      startedAt: "",
      uptime: 90_000,
      sessions: 6,
      nodes: 2,
      connections: 5,
      loggedIn: 4,
      database: "up",
      jail: true,
      memory: 1,
      backup: null,
    },
    processes: [
      { node: "host/1", figures },
      { node: "host/2", figures: undefined },
    ],
    draining: new Set(["host/1"]),
    freeMemory: 2 ** 30,
    disk: { free: { bytes: 5 * 2 ** 30, inodes: 123_456 }, short: false },
    log: { lost: 0, failing: undefined },
    backups: { made: true, last: new Date(2026, 10, 30, 3, 31) },
    slowest: [{ what: "start of a run", seconds: 1.25, ago: 130, node: "host/1" }],
  };

  it("shows the parts, the processes and what took long", async () => {
    using stage = open(new ServerStatusPage(() => Promise.resolve(well)));
    await shows(stage.terminal, "classh 1.2.3 · up 1 day");
    const screen = stage.terminal.screen().join("\n");
    for (const text of [
      /People +6 in the IDE \(1 away\) · 5 connections · 2 running · 6 jails/,
      /Memory +120 MiB of 2 processes · 1,024 MiB free/,
      /Disk +5,120 MiB · 123,456 inodes free/,
      /Backup +the newest is of 2026-11-30 03:31/,
      /host\/1 \(drainin… +1 h 6 min +3 +2 +6 +120 MiB +1 \/ 20 \/ 1500/,
      /host\/2 +✗ does not answer/,
      /! 1\.25 s +start of a run +host\/1 +2 minutes ago/,
    ])
      assert.match(screen, text);
  });

  it("says what is wrong", async () => {
    const { state } = well;
    const ill: ServerOverview = {
      ...well,
      state: { ...state, database: "down", jail: false, backup: "the last backup failed" },
      disk: { free: { bytes: 2 ** 20, inodes: undefined }, short: true },
      log: { lost: 5, failing: "ENOSPC" },
      slowest: [],
    };
    using stage = open(new ServerStatusPage(() => Promise.resolve(ill)));
    await shows(stage.terminal, "does not answer");
    const screen = stage.terminal.screen().join("\n");
    for (const text of [
      /Jail +✗ missing/,
      /Backup +! the last backup failed/,
      /Disk +✗ 1 MiB free: too little/,
      /Log +! can't be written \(ENOSPC\)/,
      /nothing took long/,
    ])
      assert.match(screen, text);
  });
});
