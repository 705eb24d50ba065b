import assert from "node:assert/strict";
import type { Message } from "../../src/classroom/messages.ts";
import { eventually } from "../support/eventually.ts";
import { openClass, type Class } from "./fixture.ts";

describe("messages", () => {
  let school: Class;
  beforeEach(async () => {
    school = await openClass();
  });
  afterEach(() => school[Symbol.asyncDispose]());

  const send = async (from: string, to: string, text: string) =>
    await school.classroom.send({ account: await school.of(from), address: "here" }, to, text);
  const texts = async (username: string) => (await school.classroom.messages.inbox(username)).map(({ text }) => text);

  /** From, to, and the code of the refusal, or undefined. */
  const rules: readonly (readonly [string, string, string | undefined])[] = [
    ["prof", "ada", undefined],
    ["prof", "tia", undefined],
    ["tia", "ada", undefined],
    ["tia", "prof", undefined],
    ["tia", "grace", "not-permitted"],
    ["ada", "tia", undefined],
    ["ada", "prof", undefined],
    ["grace", "tia", "not-permitted"],
    ["ada", "alan", "not-permitted"],
    ["ada", "nobody", "not-permitted"],
    ["ada", "ada", "not-permitted"],
    ["prof", "nobody", "user-not-found"],
    ["prof", "dora", "account-disabled"],
    ["prof", "prof", "usage"],
    ["prof", "ad", "user-not-found"],
  ];
  it("go from teachers to their students and to each other, and from students to their teachers", async () => {
    for (const [from, to, code] of rules) {
      const sending = send(from, to, "hello");
      if (code === undefined) await sending;
      else await assert.rejects(sending, { code }, `${from} to ${to}`);
    }
    assert.deepEqual(
      (await school.classroom.messages.recipients(await school.of("ada"))).map(({ username }) => username),
      ["prof", "tia"],
    );
    assert.deepEqual(
      (await school.classroom.messages.recipients(await school.of("tia"))).map(({ username }) => username),
      ["ada", "alan", "prof"],
    );
  });

  it("may be answered by a student whom somebody else of the staff wrote to", async () => {
    await school.accounts.add({ username: "boss", role: "admin" });
    await assert.rejects(send("ada", "boss", "hi"), { code: "not-permitted" });
    await send("boss", "ada", "your files are restored");
    await send("ada", "boss", "thank you");
    assert.deepEqual(await texts("boss"), ["thank you"]);
  });

  it("are text: escapes, control characters and what turns the writing around are gone; too long or empty is refused", async () => {
    await send("prof", "ada", " a\x1b[2Jb\u202ec\x07\u0085\n\td\ud800 ");
    assert.deepEqual(await texts("ada"), [" a[2Jbc\n\n    d\ufffd"]);
    await send("prof", "ada", "\u{1f600}".repeat(2000));
    await assert.rejects(send("prof", "ada", "x".repeat(2001)), {
      code: "too-large",
      message: /the limit is 2000 characters/,
    });
    await assert.rejects(send("prof", "ada", "x".repeat(1024 * 1024)), { code: "too-large" });
    await assert.rejects(send("prof", "ada", "\x1b\n"), { code: "usage" });
    await assert.rejects(send("prof", "ada", " \u2028 \t\n"), { code: "usage" });
  });

  it("keep the lines and the indentation of code, of whatever line ends; a hand's line stays one", async () => {
    await send(
      "prof",
      "ada",
      "\n  Try this:\r\nfor x in range(3):  \r\tprint(x)\n\n\n\nprint('done')\u2028# \u00a0end\n\n",
    );
    assert.deepEqual(await texts("ada"), ["  Try this:\nfor x in range(3):\n    print(x)\n\nprint('done')\n#  end"]);
    await send("prof", "ada", "   one line\n");
    assert.equal((await texts("ada"))[0], "one line");
    await send("prof", "ada", "x\n".repeat(100));
    await assert.rejects(send("prof", "ada", "x\n".repeat(101)), {
      code: "too-large",
      message: /the limit is 100 lines/,
    });
    const hand = await school.classroom.raise({ account: await school.of("ada"), address: "here" }, "why\n  this?");
    assert.equal(hand.note, "why this?");
  });

  it("are kept in a bounded number and for a bounded time", async () => {
    for (let number = 1; number <= 8; number++) await send("prof", "ada", String(number));
    assert.deepEqual(await texts("ada"), ["8", "7", "6", "5", "4"]);
    assert.equal((await school.database.query("SELECT 1 FROM messages")).length, 5);
    await school.database.query("UPDATE messages SET sent_at = sent_at - interval '31 days' WHERE text < '6'");
    assert.deepEqual(await texts("ada"), ["8", "7", "6"]);
    const prof = { account: await school.of("prof"), address: "here" };
    for (let count = 0; count < 8; count++) await school.classroom.broadcast(prof, "A", "again");
    await school.classroom.prune();
    assert.equal((await school.database.query("SELECT 1 FROM messages WHERE recipient = 'alan'")).length, 5);
    assert.equal((await school.database.query("SELECT 1 FROM messages WHERE recipient = 'ada'")).length, 5);
  });

  it("to many go to the active students of the sender, or of a section that is theirs", async () => {
    const prof = { account: await school.of("prof"), address: "here" };
    const tia = { account: await school.of("tia"), address: "here" };
    assert.deepEqual(await school.classroom.broadcast(prof, undefined, "to all"), { people: 3, here: 0 });
    assert.deepEqual(await school.classroom.broadcast(prof, "B", "to B"), { people: 1, here: 0 });
    assert.deepEqual(await school.classroom.broadcast(tia, undefined, "from tia"), { people: 2, here: 0 });
    await assert.rejects(school.classroom.broadcast(tia, "B", "no"), { code: "not-permitted" });
    await assert.rejects(school.classroom.broadcast(prof, "C", "no"), { code: "user-not-found" });
    assert.deepEqual(
      [await texts("ada"), await texts("grace"), await texts("dora")],
      [["from tia", "to all"], ["to B", "to all"], []],
    );
  });

  it("reach the screens of another process at once, once each; what was missed comes when the database is back", async () => {
    const elsewhere = school.another();
    await eventually(() => elsewhere.listening);
    using seat = elsewhere.sit({ account: await school.of("ada"), address: "here" });
    using window = elsewhere.sit({ account: await school.of("ada"), address: "there" });
    seat.catchUp();
    window.catchUp();
    const got: string[] = [];
    const listening = seat.onMessage(({ text }: Message) => got.push(text));
    await send("prof", "ada", "one");
    await eventually(() => got.length === 1 && seat.unread === 1 && window.unread === 1);
    await school.database.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'classh listener' AND datname = current_database()",
    );
    await school.classroom.broadcast({ account: await school.of("prof"), address: "here" }, "A", "two");
    await eventually(() => got.length === 2);
    assert.deepEqual(got, ["one", "two"]);
    assert.deepEqual(
      (await seat.openInbox()).map(({ text, readAt }) => [text, readAt]),
      [
        ["two", undefined],
        ["one", undefined],
      ],
    );
    assert.equal(window.unread, 0);
    assert.equal((await school.classroom.messages.unread("ada")).length, 0);
    listening[Symbol.dispose]();
  });

  it("are in the audit trail without a word of theirs", async () => {
    await send("prof", "ada", "the needle");
    await school.classroom.broadcast({ account: await school.of("prof"), address: "here" }, "A", "the needle");
    const entries = await school.audit.list({});
    assert.deepEqual(
      entries.map(({ action, subject }) => [action, subject]),
      [
        ["broadcast", "A"],
        ["message.send", "ada"],
      ],
    );
    assert.ok(!JSON.stringify(entries).includes("needle"));
  });

  it("are held back when one person writes too many", async () => {
    await using strict = await openClass({ take: () => Promise.resolve({ allowed: false, retryAfterSeconds: 3.2 }) });
    const prof = { account: await strict.of("prof"), address: "here" };
    await assert.rejects(strict.classroom.send(prof, "ada", "x"), {
      code: "too-many-messages",
      message: "too many messages; try again in 4 s",
    });
    await assert.rejects(strict.classroom.raise({ account: await strict.of("ada"), address: "here" }, ""), {
      code: "too-many-messages",
    });
  });
});
