/** What a session does about the locks of its files when the database answers late, wrongly or not at all; locks of a real manager. */
import assert from "node:assert/strict";
import { UserError } from "../../src/base/errors.ts";
import { silentLog } from "../../src/base/log.ts";
import { Participant } from "../../src/editor/participant.ts";
import type { LockManager } from "../../src/locks/lock-manager.ts";
import { EditLocks, lockName } from "../../src/session/edit-locks.ts";
import { ownerText } from "../../src/session/lock-owner.ts";
import { OpenDocument } from "../../src/session/open-document.ts";
import { Cluster, type Node } from "../locks/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";

const ada = { username: "ada", name: "Ada", role: "student" } as const;

describe("the edit locks of a session", () => {
  let cluster: Cluster;
  let node: Node;
  let clock: FakeClock;
  let documents: OpenDocument[];
  /** How many of the next tries fail, as when the connection breaks. */
  let failures: number;
  /** Locks are given back only after this. */
  let mayRelease: Promise<void>;
  let notices: string[];
  /** A lock is taken away in the moment in which it is had. */
  let losesAtOnce = false;
  let edits: EditLocks;

  beforeEach(async () => {
    cluster = await Cluster.start();
    node = await cluster.node("here");
    clock = new FakeClock();
    documents = [];
    failures = 0;
    mayRelease = Promise.resolve();
    notices = [];
    edits = new EditLocks({
      session: "s1",
      person: ada,
      locks: failing(node.locks),
      takeOverSeconds: 20,
      documents: () => documents,
      isAway: () => false,
      notify: (_kind, text) => notices.push(text),
      checkFile: () => Promise.resolve(),
      changed: () => undefined,
      clock,
      log: silentLog,
    });
  });
  afterEach(async () => {
    await edits[Symbol.asyncDispose]();
    assert.equal(clock.timers, 0);
    await cluster[Symbol.asyncDispose]();
  });

  /** The same object with some methods replaced. */
  function changed<T extends object>(whole: T, methods: Partial<T>): T {
    return new Proxy(whole, {
      get: (target, name) => {
        const value: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }

  function failing(locks: LockManager): LockManager {
    return changed(locks, {
      async tryAcquire(...all) {
        if (failures > 0) {
          failures -= 1;
          throw new UserError("database-unavailable", "the database is away");
        }
        const { lock, holder } = await locks.tryAcquire(...all);
        if (!lock) return { holder };
        if (losesAtOnce) await locks.forceRelease(lock.name);
        return { lock: changed(lock, { release: () => mayRelease.then(() => lock.release()) }) };
      },
    });
  }

  function open(name: string, folder = "/home/ada"): OpenDocument {
    const document = new OpenDocument({
      path: `${folder}/${name}`,
      file: undefined,
      fileBytes: 1000,
      owner: new Participant({ name: "Ada" }),
    });
    documents.push(document);
    return document;
  }

  /** Somebody ends the lease, as it ends when the database is away for too long; a new one begins. */
  async function loseLease(): Promise<void> {
    const before = node.locks.node;
    await cluster.fixture.database.query("DELETE FROM node_lease");
    await node.locks.nodeDied("nobody"); // looks at the tables
    node.network.cut();
    node.network.restore();
    await eventually(() => node.locks.node !== undefined && node.locks.node !== before);
  }

  const holders = async (document: OpenDocument): Promise<number> =>
    (await node.locks.list(lockName(document.path))).length;

  it("are asked for again, when the first try after an outage fails", async () => {
    const document = open("one.py");
    await edits.claim(document);
    failures = 2;
    await loseLease();
    await eventually(() => failures < 2);
    assert.deepEqual(document.editing, { kind: "suspended" });
    assert.ok(document.editor.type("typed meanwhile"), "keys are never lost");
    await eventually(() => {
      clock.advance(1000);
      return document.editing.kind === "open";
    });
    assert.equal(failures, 0);
    assert.equal(await holders(document), 1);
    assert.equal(document.editor.text(), "typed meanwhile");
  });

  it("are asked for again, when they could not be had at the opening", async () => {
    const document = open("one.py");
    failures = 1;
    await edits.claim(document);
    assert.deepEqual(document.editing, { kind: "open" }, "nobody is kept from writing");
    assert.equal(await holders(document), 0);
    await eventually(async () => {
      clock.advance(1000);
      return (await holders(document)) === 1;
    });
  });

  it("are never somebody else's when it is this session that has them", async () => {
    const closed = open("one.py");
    await edits.claim(closed);
    documents.length = 0;
    const again = open("one.py");
    await edits.claim(again); // before the lock of the closed document is given back
    assert.deepEqual(again.editing, { kind: "open" });
    await edits.release(closed);
    await eventually(async () => {
      clock.advance(1000);
      return (await holders(again)) === 1;
    });
    // Asked for twice at the same moment: by whoever opens the file, and since the database is back.
    const twice = open("two.py");
    await Promise.all([edits.claim(twice), edits.claim(twice)]);
    assert.deepEqual(twice.editing, { kind: "open" });
  });

  it("are not asked for by looking at somebody else's file, but at the first edit, and given back when it rests", async () => {
    const document = open("one.py", "/students/alan");
    document.content.onChange(() => edits.edited(document));
    await edits.claim(document);
    assert.equal(await holders(document), 0);
    const alans = await node.locks.acquire(lockName("/home/alan/one.py"), {
      owner: ownerText({ username: "alan", name: "Alan" }, "s2"),
    });
    await alans.release();
    document.editor.setCursor(0);
    document.content.reload("as the file is\n");
    await edits.whenClaimed(document); // a save without an edit asks too
    await eventually(async () => (await holders(document)) === 1);
    edits.saved(document);
    clock.advance(60_000);
    await eventually(async () => (await holders(document)) === 0);
    assert.equal(document.editor.type("x"), true, "typed at once");
    await eventually(async () => (await holders(document)) === 1);
    document.content.markSaved();
    edits.saved(document);
    clock.advance(59_000);
    edits.saved(document);
    clock.advance(59_000);
    assert.equal(await holders(document), 1);
    document.editor.type("y");
    clock.advance(1000);
    assert.equal(await holders(document), 1, "never while something is not saved");
  });

  it("lose no key that was typed while the answer was on its way, whatever it is", async () => {
    const document = open("one.py", "/students/alan");
    document.content.onChange(() => edits.edited(document));
    await edits.claim(document);
    const alans = await node.locks.acquire(lockName("/home/alan/one.py"), {
      owner: ownerText({ username: "alan", name: "Alan" }, "s2"),
    });
    for (const letter of "abc") assert.equal(document.editor.type(letter), true);
    await eventually(() => document.editing.kind === "theirs");
    assert.equal(document.content.text(), "abc");
    assert.deepEqual(notices, [
      "Alan is editing alan/one.py now. Your text is kept here: Enter asks for the file, F10 keeps a copy of your own.",
    ]);
    await alans.release();
    await eventually(async () => {
      clock.advance(1000);
      return (await holders(document)) === 1;
    });
    assert.equal(document.editing.kind, "open");
  });

  it("are somebody else's when another session of the same person has them", async () => {
    const elsewhere = await node.locks.acquire(lockName("/home/ada/one.py"), { owner: ownerText(ada, "s2") });
    const document = open("one.py");
    await edits.claim(document);
    assert.equal(document.editing.kind, "theirs");
    await elsewhere.release();
  });

  it("can be had again before a lost one is wholly given back", async () => {
    const document = open("one.py");
    await edits.claim(document);
    let release = (): void => undefined;
    mayRelease = new Promise((resolve) => (release = resolve));
    assert.equal(await node.locks.forceRelease(lockName(document.path)), true);
    await eventually(() => document.editing.kind === "suspended");
    // Another file's failure has all of them asked for again.
    failures = 1;
    await edits.claim(open("two.py"));
    clock.advance(3000);
    await eventually(async () => (await holders(document)) === 1);
    await eventually(() => document.editing.kind === "open");
    release();
    await eventually(() => notices.length > 0);
    assert.deepEqual([document.editing.kind, notices.length], ["open", 1]);
    assert.equal(await holders(document), 1);
  });

  it("that were lost before anybody looked are asked for again", async () => {
    const document = open("one.py");
    losesAtOnce = true;
    await edits.claim(document);
    losesAtOnce = false;
    await eventually(() => notices.length > 0);
    assert.equal(document.editing.kind, "open");
    assert.equal(await holders(document), 1);
  });

  it("that somebody else took leave what was on its way from the keyboard in the text", async () => {
    const document = open("one.py");
    await edits.claim(document);
    document.editor.type("typed before, ");
    const taker = node.locks.acquire(lockName(document.path), {
      owner: ownerText({ username: "eve", name: "Eve" }, "s9"),
    });
    await eventually(async () => (await node.locks.list(lockName(document.path)))[0]?.waiters.length === 1);
    assert.equal(await node.locks.forceRelease(lockName(document.path)), true);
    await eventually(() => document.editing.kind === "theirs");
    assert.ok(document.editor.type("typed ahead"));
    clock.advance(60_000);
    assert.equal(document.editor.type("typed although it says who edits"), false);
    assert.equal(document.editor.text(), "typed before, typed ahead");
    assert.match(notices.at(-1) ?? "", /Eve is editing one\.py now\. Your text is kept here/);
    await (await taker).release();
  });
});
