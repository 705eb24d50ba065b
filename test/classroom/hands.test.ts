import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { openClass, type Class } from "./fixture.ts";

describe("raised hands", () => {
  let school: Class;
  beforeEach(async () => {
    school = await openClass();
  });
  afterEach(() => school[Symbol.asyncDispose]());

  const raise = async (username: string, note = "") =>
    await school.classroom.hands.raise(await school.of(username), note);

  it("queue in the order in which they went up, each section by itself; raising again changes the line and not the place", async () => {
    assert.equal((await raise("ada", "loops?")).position, 1);
    assert.equal((await raise("grace")).position, 1);
    assert.equal((await raise("alan", "  what\x1b[31m is\r\nred? ")).position, 2);
    assert.equal((await raise("ada", "while loops?")).position, 1);
    assert.equal((await raise("ada")).note, "while loops?");
    const hands = await school.classroom.hands.list();
    assert.deepEqual(
      hands.map(({ username, note }) => [username, note]),
      [
        ["ada", "while loops?"],
        ["grace", ""],
        ["alan", "what[31m is red?"],
      ],
    );
  });

  it("are one for each student, however many windows and clicks", async () => {
    const hands = await Promise.all(Array.from({ length: 8 }, () => raise("ada")));
    assert.deepEqual(new Set(hands.map(({ position }) => position)), new Set([1]));
    assert.equal((await school.classroom.hands.list()).length, 1);
  });

  it("are claimed by one teacher, whoever asks at the same moment, and the next student moves up", async () => {
    await raise("ada");
    await raise("alan");
    const teachers = await Promise.all([school.of("prof"), school.of("tia")]);
    const results = await Promise.allSettled(
      teachers.map((account) => school.classroom.claim({ account, address: "here" }, "ada")),
    );
    const [refused] = results.filter((result) => result.status === "rejected");
    assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
    assert.equal((refused?.reason as { code: string } | undefined)?.code, "in-use");
    const [alan, ada] = await school.classroom.hands.list();
    assert.ok(ada?.claimedBy);
    assert.equal(ada.position, undefined);
    assert.equal(alan?.position, 1);
    const who = ada.claimedBy.username;
    assert.ok(
      (await school.audit.list({ user: who })).some(
        ({ action, subject }) => action === "hand.claim" && subject === "ada",
      ),
    );
  });

  it("are answered by their own teachers only, and closed or lowered once", async () => {
    await raise("grace");
    const tia = { account: await school.of("tia"), address: "here" };
    const prof = { account: await school.of("prof"), address: "here" };
    await assert.rejects(school.classroom.claim(tia, "grace"), { code: "not-permitted" });
    await assert.rejects(school.classroom.close(tia, "grace"), { code: "not-permitted" });
    await assert.rejects(school.classroom.claim({ account: await school.of("ada"), address: "" }, "grace"), {
      code: "not-permitted",
    });
    await assert.rejects(school.classroom.claim(prof, "nobody"), { code: "user-not-found" });
    await assert.rejects(school.classroom.claim(prof, "ada"), { code: "hand-not-found" });
    await school.classroom.close(prof, "grace");
    await assert.rejects(school.classroom.close(prof, "grace"), { code: "hand-not-found" });
    await assert.rejects(school.classroom.hands.lower(await school.of("grace")), { code: "hand-not-found" });
    await assert.rejects(raise("prof"), { code: "not-permitted" });
    await assert.rejects(raise("ada", "x".repeat(201)), { code: "too-large" });
  });

  it("go down by themselves after some hours, and a new one begins at the end of the queue", async () => {
    await raise("ada", "old");
    await raise("alan");
    await school.database.query(
      "UPDATE hands SET raised_at = raised_at - interval '5 hours', claimed_by = 'tia' WHERE username = 'ada'",
    );
    assert.deepEqual(
      (await school.classroom.hands.list()).map(({ username }) => username),
      ["alan"],
    );
    const hand = await raise("ada");
    assert.deepEqual([hand.position, hand.note, hand.claimedBy], [2, "", undefined]);
    await school.database.query("UPDATE hands SET raised_at = raised_at - interval '5 hours'");
    await school.classroom.prune();
    assert.deepEqual(await school.database.query("SELECT * FROM hands"), []);
  });

  it("show on the student's screen at another process, from the claim to the end, also when the news was missed", async () => {
    const elsewhere = school.another();
    using seat = elsewhere.sit({ account: await school.of("alan"), address: "here" });
    await raise("ada");
    await raise("alan");
    await eventually(() => seat.hand?.position === 2);
    await school.classroom.claim({ account: await school.of("tia"), address: "here" }, "alan");
    await eventually(() => seat.hand?.claimedBy?.name === "Tia");
    // The listening connections break; what happens meanwhile is found when they are back.
    await school.database.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'classh listener' AND datname = current_database()",
    );
    await school.classroom.close({ account: await school.of("tia"), address: "here" }, "alan");
    await eventually(() => seat.hand === undefined);
  });
});
