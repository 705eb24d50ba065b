/** The class view on a terminal in memory, with a class that the test plays. */
import assert from "node:assert/strict";
import type { Account } from "../../../src/auth/account.ts";
import { systemClock, type Clock } from "../../../src/base/clock.ts";
import { UserError } from "../../../src/base/errors.ts";
import { Emitter } from "../../../src/base/events.ts";
import { silentLog } from "../../../src/base/log.ts";
import type { Message } from "../../../src/classroom/messages.ts";
import type { StudentStatus } from "../../../src/classroom/need.ts";
import type { LiveClassState } from "../../../src/classroom/live-class.ts";
import type { Seat } from "../../../src/classroom/seat.ts";
import { ClassList } from "../../../src/tui/class/class-list.ts";
import { showClass, type ClassEnd } from "../../../src/tui/class/show-class.ts";
import { eventually } from "../../support/eventually.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { createFakeTerminal, type FakeTerminal } from "../../support/fake-terminal.ts";

const teacher: Account = {
  id: 1,
  username: "prof",
  role: "professor",
  name: "",
  email: undefined,
  section: undefined,
  sections: [],
  state: "active",
  store: "embedded",
  mustChangePassword: false,
  createdAt: new Date(0),
  lastLoginAt: undefined,
};

interface Stage extends Disposable {
  readonly terminal: FakeTerminal;
  readonly clock: FakeClock;
  readonly calls: string[];
  readonly end: Promise<ClassEnd>;
  readonly list: ClassList;
  account: Account | UserError;
  /** What is wrong with the server. */
  attention: string | undefined;
  /** A message comes. */
  receive(message: Message): void;
  show(students: readonly StudentStatus[], fresh?: boolean): void;
}

function open(size: { columns: number; rows: number } = { columns: 80, rows: 24 }, viewer: Account = teacher): Stage {
  const clock = new FakeClock();
  const terminal = createFakeTerminal(size);
  const changed = new Emitter<LiveClassState>();
  let last: LiveClassState | undefined;
  const calls: string[] = [];
  const received: Message[] = [];
  const arrived = new Emitter<Message>();
  const news = new Emitter<void>();
  const list = new ClassList();
  const call = (...words: readonly string[]): Promise<void> => Promise.resolve(void calls.push(words.join(" ")));
  const subscribe = (listener: (state: LiveClassState) => void) => {
    if (last) listener(last);
    return Object.assign(changed.on(listener), { offline: false });
  };
  const stage = {
    terminal,
    clock,
    calls,
    list,
    account: viewer as Account | UserError,
    attention: undefined as string | undefined,
    show: (students: readonly StudentStatus[], fresh = true) => {
      last = { students, at: clock.now(), fresh };
      changed.emit(last);
    },
    receive: (message: Message) => {
      received.push(message);
      news.emit();
      arrived.emit(message);
    },
    [Symbol.dispose]: () => terminal[Symbol.dispose](),
  };
  const seat = {
    username: viewer.username,
    fresh: () => (stage.account instanceof UserError ? Promise.reject(stage.account) : Promise.resolve(stage.account)),
    liveClass: { subscribe, refresh: () => calls.push("refresh") },
    onMessage: arrived.on,
    onChange: news.on,
    get unread() {
      return received.length;
    },
    openInbox: () => Promise.resolve(received),
    claim: (username: string) => call("claim", username),
    closeHand: (username: string) => call("close", username),
    send: (username: string, text: string) => call("send", username, text),
    sections: () => Promise.resolve(["A", "B"]),
    broadcast: async (section: string | undefined, text: string) => {
      await call("broadcast", section ?? "all", text);
      return { people: 2, here: 1 };
    },
  } as unknown as Seat;
  return Object.assign(stage, {
    end: showClass(terminal, {
      seat,
      course: "CS101",
      list,
      attention: (account) => Promise.resolve(account.role === "admin" ? stage.attention : undefined),
      clock: ticking(clock),
      log: silentLog,
    }),
  });
}

/** Frames are drawn in real time; the time that rows show, and what happens every few seconds, is the test's. */
function ticking(clock: FakeClock): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => systemClock.monotonic(),
    after: (ms, callback) => systemClock.after(ms, callback),
    every: (ms, callback) => clock.every(ms, callback),
  };
}

function student(username: string, more: Partial<StudentStatus> = {}): StudentStatus {
  const since = Date.UTC(2026, 0, 1) - 5000;
  return {
    username,
    name: "",
    section: "A",
    state: "typing",
    since,
    file: `/home/${username}/area.py`,
    error: undefined,
    run: undefined,
    hand: undefined,
    ...more,
  };
}

const many = (count: number): readonly StudentStatus[] =>
  Array.from({ length: count }, (_, index) => student(`student${String(index + 1).padStart(2, "0")}`));
const failed = { file: "/home/x/area.py", outcome: "error", ok: false, at: Date.UTC(2026, 0, 1) - 120_000 };
const stuck = {
  run: failed,
  error: { text: "NameError: name 'x' is not defined (line 3)", times: 4 },
  state: "error" as const,
};

describe("the class view", () => {
  it("shows everybody with a sign and a word, those who need help on top, and what a narrow screen has no room for at the bottom", async () => {
    using stage = open();
    stage.show([
      student("zoe"),
      student("ada", stuck),
      student("bob", { hand: { note: "why?", raisedAt: stage.clock.now() - 61_000, claimedBy: undefined } }),
    ]);
    await stage.terminal.wait(/▲ hand +1 min +“why\?”/);
    const [, , first, second, third] = stage.terminal.screen();
    assert.match(first ?? "", /^ bob/);
    assert.match(second ?? "", /^ ada .*✗ error .*NameError.*×4/);
    assert.match(third ?? "", /^ zoe .*● typing/);
    assert.match(stage.terminal.screen()[0] ?? "", /3 here · ▲ 1 hand · ! 1 stuck/);
    stage.terminal.press("Down");
    await stage.terminal.wait("ada · A · area.py · ×4 NameError: name 'x' is not defined (line 3)");
    stage.terminal.input("q");
    assert.deepEqual(await stage.end, { kind: "back" });
    assert.equal(stage.terminal.listenerCount, 0);
  });

  it("says in a line of its own what is wrong with the server, to whom it concerns, for as long as it is", async () => {
    using admin = open(undefined, { ...teacher, role: "admin" });
    using prof = open();
    for (const stage of [admin, prof]) {
      stage.show([student("ada"), student("bob")]);
      await stage.terminal.wait("bob");
      stage.attention = "the newest backup is 27 hours\u001b[31m old";
      stage.clock.advance(5000);
    }
    await admin.terminal.wait(/! The newest backup is 27 hours/);
    assert.match(admin.terminal.screen()[1] ?? "", /^ ! The newest backup is 27 hours \[31m old\.$/);
    assert.match(admin.terminal.screen()[2] ?? "", /STUDENT/);
    // Clicks find the row that is there.
    admin.terminal.mouse("press", 4, 3);
    await admin.terminal.wait("2 of 2");
    admin.attention = undefined;
    admin.clock.advance(5000);
    await admin.terminal.wait((screen) => screen[1]?.startsWith(" STUDENT") === true);
    assert.ok(!prof.terminal.screen().join("\n").includes("newest backup"));
    admin.terminal.press("Ctrl-Q");
    prof.terminal.press("Ctrl-Q");
    await Promise.all([admin.end, prof.end]);
  });

  it("has room for sixty on a large screen with every column, and pages on a small one", async () => {
    using large = open({ columns: 200, rows: 50 });
    large.show(many(40));
    await large.terminal.wait("student40");
    assert.match(
      large.terminal.screen()[1] ?? "",
      /STUDENT.*SECTION.*STATE.*FOR.*FILE.*ERROR OR QUESTION.*TIMES.*LAST RUN/,
    );
    large.show(many(60));
    await large.terminal.wait((screen) => many(60).every(({ username }) => screen.join("\n").includes(username)));
    large.terminal.press("Right");
    await large.terminal.wait("47 of 60");
    large.terminal.mouse("press", 3, 120);
    await large.terminal.wait("48 of 60");
    using small = open();
    small.show(many(60));
    await small.terminal.wait("student20");
    assert.ok(!small.terminal.screen().join("\n").includes("student21"));
    small.terminal.press("PageDown", "PageDown");
    await small.terminal.wait("39 of 60");
    small.terminal.press("End");
    await small.terminal.wait("student60");
    small.terminal.press("Home");
    await small.terminal.wait("student01");
    small.terminal.resizeTo(20, 5);
    await small.terminal.wait("classh needs");
    small.terminal.press("Ctrl-Q");
    large.terminal.disconnect();
    assert.deepEqual(await Promise.all([small.end, large.end]), [{ kind: "quit" }, { kind: "quit" }]);
  });

  it("keeps the selection on the person while rows sort themselves anew, and steps through those who need help", async () => {
    using stage = open();
    stage.show([student("ada"), student("bob"), student("cleo")]);
    await stage.terminal.wait("cleo");
    stage.terminal.press("Down");
    await stage.terminal.wait("2 of 3");
    stage.show([student("ada"), student("bob"), student("cleo", stuck), student("dan", stuck)]);
    await stage.terminal.wait("4 of 4");
    assert.equal(stage.list.selected?.username, "bob");
    stage.terminal.press("Tab");
    await stage.terminal.wait("1 of 4");
    stage.terminal.press("Tab");
    await stage.terminal.wait("2 of 4");
    assert.equal(stage.list.selected?.username, "dan");
    stage.terminal.press("Tab");
    await stage.terminal.wait("1 of 4");
    stage.terminal.press("Enter");
    assert.deepEqual(await stage.end, { kind: "watch", username: "cleo" });
  });

  it("keeps the selection on the one at the top, once something is done about them, when others come to stand above", async () => {
    using stage = open();
    const hand = { note: "why?", raisedAt: stage.clock.now(), claimedBy: undefined };
    stage.show([student("ada", { hand }), student("bob", { hand: { ...hand, raisedAt: hand.raisedAt + 1000 } })]);
    await stage.terminal.wait("1 of 2");
    stage.terminal.input("c");
    await stage.terminal.wait("ada sees that you are coming");
    stage.show([
      student("ada", { hand: { ...hand, claimedBy: { username: "prof", name: "" } } }),
      student("bob", { hand }),
    ]);
    await stage.terminal.wait("2 of 2");
    stage.terminal.input("x");
    await stage.terminal.wait("The hand of ada is down");
  });

  it("finds by name, section and state while one types; Escape shows everybody again before it leaves", async () => {
    using stage = open();
    stage.show([student("ada", stuck), student("bob", { section: "B" }), student("quinn", { section: "B", ...stuck })]);
    await stage.terminal.wait("quinn");
    stage.terminal.input("/b err");
    await stage.terminal.wait((screen) => screen[2]?.startsWith(" quinn") === true && screen[3] === "");
    stage.terminal.press("Enter");
    await stage.terminal.wait("found by “b err”");
    stage.terminal.press("Escape");
    await stage.terminal.wait(/^ ada/m);
    stage.terminal.press("Escape");
    assert.deepEqual(await stage.end, { kind: "back" });
  });

  it("means a section by its name, and finds names without their accents", async () => {
    using stage = open();
    stage.show([
      student("ada"),
      student("bob", { section: "B", name: "Bob A. Ada" }),
      student("zoe", { section: "B", name: "Zoë" }),
    ]);
    await stage.terminal.wait("1 of 3");
    stage.terminal.input("/A");
    await stage.terminal.wait((screen) => screen[2]?.startsWith(" ada") === true && screen[3] === "");
    stage.terminal.press("Escape");
    await stage.terminal.wait("1 of 3");
    stage.terminal.input("/zoe");
    await stage.terminal.wait((screen) => screen[2]?.startsWith(" zoe  Zoë") === true && screen[3] === "");
  });

  it("puts students with the same error together and counts them; the same key sorts by need again", async () => {
    using stage = open({ columns: 120, rows: 24 });
    const other = { ...stuck, error: { text: "KeyError: 'k' (line 1)", times: 9 } };
    const same = {
      ...stuck,
      error: { text: "NameError: name 'x' is not defined (line 8)", times: 1 },
      state: "typing" as const,
    };
    stage.show([student("ada", stuck), student("bob", other), student("cal", same), student("dan")]);
    await stage.terminal.wait((screen) =>
      [" bob", " ada", " cal", " dan"].every((name, row) => screen[row + 2]?.startsWith(name)),
    );
    stage.terminal.input("g");
    await stage.terminal.wait((screen) =>
      [" ada", " cal", " bob", " dan"].every((name, row) => screen[row + 2]?.startsWith(name)),
    );
    assert.match(stage.terminal.screen()[2] ?? "", /2 students: NameError/);
    assert.match(stage.terminal.screen()[3] ?? "", /· NameError/);
    assert.match(stage.terminal.screen()[4] ?? "", /  KeyError/);
    stage.terminal.press("Home", "Down");
    await stage.terminal.wait("2 of 4 · 2 have this error");
    stage.terminal.input("g");
    await stage.terminal.wait((screen) => screen[2]?.startsWith(" bob") === true);
    assert.equal(stage.list.selected?.username, "cal");
  });

  it("marks who left with a raised hand, and has hands that are claimed after those that nobody has", async () => {
    using stage = open();
    const hand = (minutes: number) => ({
      note: "",
      raisedAt: stage.clock.now() - minutes * 60_000,
      claimedBy: undefined,
    });
    const claimed = { ...hand(9), claimedBy: { username: "tia", name: "Test, Tia" } };
    stage.show([
      student("ada", { hand: claimed }),
      student("bob", { hand: hand(5), state: "offline", since: undefined }),
      student("cal", { hand: hand(1) }),
      student("dan", { hand: hand(2), state: "away" }),
    ]);
    await stage.terminal.wait((screen) =>
      [/^ bob .*▲ offline/, /^ dan .*▲ away/, /^ cal .*▲ hand/, /^ ada .*▲ claimed.*Tia Test is going/].every(
        (line, row) => line.test(screen[row + 2] ?? ""),
      ),
    );
  });

  it("takes a message of several lines, pasted or with Alt-Enter", async () => {
    using stage = open();
    stage.show([student("ada")]);
    await stage.terminal.wait("ada");
    stage.terminal.input("m");
    await stage.terminal.wait("Alt-Enter New line");
    stage.terminal.input("Try:\x1b\r\x1b[200~for x in y:\r\n\tprint(x)\x1b[201~");
    await stage.terminal.wait(/for x in y: *│\n.*│     print\(x\)/);
    stage.terminal.press("Enter");
    await stage.terminal.wait("Sent to ada.");
    assert.deepEqual(stage.calls, ["send ada Try:\nfor x in y:\n    print(x)"]);
    stage.terminal.input("m");
    await stage.terminal.wait("Alt-Enter New line");
    stage.terminal.input(`\x1b[200~${"x".repeat(2001)}\x1b[201~`);
    await stage.terminal.wait("oo long: the limit is 2000 characters");
  });

  it("shows the lines of a message that comes under each other, in the bar and in the inbox", async () => {
    using stage = open();
    stage.show([]);
    await stage.terminal.wait("Nobody is in the IDE");
    const text = "for x in y:\n    print(x)\n    total += x\nprint(total)";
    stage.receive({
      id: 1,
      recipient: "prof",
      sender: "ada",
      senderName: "Byron, Ada",
      kind: "message",
      text,
      sentAt: new Date(0),
      readAt: undefined,
    });
    await stage.terminal.wait(/✉ Ada Byron: *\n {1}for x in y: *\n … 3 more lines +F12 opens/);
    stage.terminal.press("F12");
    await stage.terminal.wait(/│ for x in y: *│\n.*│ {5}print\(x\) *│\n.*│ {5}total \+= x *│\n.*│ print\(total\)/);
    assert.match(stage.terminal.screen().join("\n"), /Ada Byron +for x in y: ⏎ print\(x\)/);
  });

  it("claims and closes hands, writes to one and to a section, shows who is not here, and helps", async () => {
    using stage = open();
    stage.show([student("ada", { hand: { note: "", raisedAt: stage.clock.now(), claimedBy: undefined } })]);
    await stage.terminal.wait("asks for help");
    stage.terminal.input("c");
    await stage.terminal.wait("ada sees that you are coming");
    stage.terminal.input("x");
    await stage.terminal.wait("The hand of ada is down.");
    stage.terminal.input("m");
    await stage.terminal.wait("Message to ada");
    stage.terminal.input("hello\r");
    await stage.terminal.wait("Sent to ada.");
    stage.terminal.input("b");
    await stage.terminal.wait("Broadcast to whom?");
    stage.terminal.input("section b\r");
    await stage.terminal.wait("To section B");
    stage.terminal.input("stop\r");
    await stage.terminal.wait("Sent to 2 students; 1 of them logged in now.");
    stage.terminal.input("o");
    await eventually(() => stage.calls.includes("refresh"));
    stage.show([student("ada"), student("zoe", { state: "offline", since: undefined })]);
    await stage.terminal.wait("- offline");
    stage.terminal.press("End", "Enter");
    await stage.terminal.wait("zoe is not logged in");
    stage.terminal.input("?");
    await stage.terminal.wait("Who is at the top");
    assert.deepEqual(stage.calls, ["claim ada", "close ada", "send ada hello", "broadcast B stop", "refresh"]);
  });

  it("names only keys that do something for the selected student", async () => {
    using stage = open();
    const hand = { note: "", raisedAt: stage.clock.now(), claimedBy: undefined };
    stage.show([
      student("ada", { hand }),
      student("bob", { hand: { ...hand, claimedBy: { username: "tia", name: "Tia" } } }),
      student("cleo"),
    ]);
    await stage.terminal.wait(
      /^ Enter Watch {2}Tab Next {2}c Coming {2}x Answered {2}m Message {2}\/ Find {2}\? Help {2}q Back/m,
    );
    stage.terminal.input("\x1b[B");
    await stage.terminal.wait(/^ Enter Watch {2}Tab Next {2}x Answered {2}m Message/m);
    stage.terminal.input("\x1b[B");
    await stage.terminal.wait(/^ Enter Watch {2}Tab Who needs help {2}m Message/m);
    stage.show([]);
    await stage.terminal.wait(/^ Tab Who needs help/m);
    stage.terminal.input("q");
    assert.deepEqual(await stage.end, { kind: "back" });
  });

  it("has no line of its help cut at 80 columns", async () => {
    using stage = open();
    stage.show([]);
    await stage.terminal.wait("Nobody is in the IDE");
    stage.terminal.input("?");
    await stage.terminal.wait("Who is at the top");
    assert.doesNotMatch(stage.terminal.screen().join("\n"), /…/);
    stage.terminal.input("\x1b");
    await stage.terminal.wait("Nobody is in the IDE");
    stage.terminal.input("q");
    await stage.end;
  });

  it("shows messages as a bar that takes no key, counts them, and answers from the inbox", async () => {
    using stage = open();
    stage.show([student("ada"), student("bob")]);
    await stage.terminal.wait("bob");
    stage.receive({
      id: 1,
      recipient: "prof",
      sender: "ada",
      senderName: "Ada",
      kind: "message",
      text: "where is the exam?",
      sentAt: new Date(0),
      readAt: undefined,
    });
    await stage.terminal.wait(/✉ Ada: where is the exam\? +F12 opens/);
    assert.match(stage.terminal.screen()[0] ?? "", /prof · ✉ 1/);
    stage.terminal.input("\x1b[B");
    await stage.terminal.wait("2 of 2");
    assert.match(stage.terminal.screen()[1] ?? "", /where is the exam/);
    stage.terminal.input("\x1b");
    await stage.terminal.wait((screen) => /STUDENT/.test(screen[1] ?? ""));
    stage.terminal.input("\x1b[24~");
    await stage.terminal.wait("r Reply");
    stage.terminal.input("r");
    await stage.terminal.wait("Message to ada");
    stage.terminal.input("room 3\r");
    await stage.terminal.wait("Sent to ada.");
    assert.deepEqual(stage.calls, ["send ada room 3"]);
    stage.terminal.input("q");
    await stage.end;
  });

  it("shows a teaching assistant the own sections only, and nothing any more when that role is taken away", async () => {
    using stage = open(undefined, { ...teacher, role: "ta", section: "B", sections: ["B"] });
    stage.show([student("ada"), student("bob", { section: "B" })]);
    await stage.terminal.wait("bob");
    assert.ok(!stage.terminal.screen().join("\n").includes("ada"));
    stage.account = new UserError("not-permitted", "your role (student) does not allow that");
    const refused = assert.rejects(stage.end, { code: "not-permitted" });
    stage.clock.advance(6000);
    await refused;
    await stage.terminal.settled();
    assert.equal(stage.terminal.alternate(), false);
  });

  it("says so when the database is away, and shows how it was", async () => {
    using stage = open();
    stage.show([student("ada")]);
    await stage.terminal.wait("ada");
    stage.show([student("ada")], false);
    await stage.terminal.wait("the database can't be reached; this is the last known state");
    assert.match(stage.terminal.screen()[2] ?? "", /^ ada/);
  });
});
