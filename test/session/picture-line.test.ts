/** Pictures that wait to be read: whose comes next. */
import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { PictureLine } from "../../src/session/picture-line.ts";

describe("the line of pictures", () => {
  let now: number;
  let line: PictureLine;
  let begun: string[];
  let ends: Map<string, () => void>;
  const never = new AbortController().signal;
  beforeEach(() => {
    now = 0;
    line = new PictureLine(2, () => now);
    begun = [];
    ends = new Map();
  });

  const look = (who: string, name: string, signal = never): Promise<string> =>
    line.read(who, signal, () => {
      begun.push(name);
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
    });
  const end = async (name: string, ms: number): Promise<void> => {
    now += ms;
    ends.get(name)?.();
    await turn();
  };

  it("reads one of a person at a time, so that two slow ones hold up nobody else", async () => {
    const mallorys = [look("mallory", "wide 1"), look("mallory", "wide 2")];
    const adas = look("ada", "ada 1");
    await turn();
    assert.deepEqual(begun, ["wide 1", "ada 1"]);
    await end("ada 1", 10);
    assert.equal(await adas, "ada 1");
    assert.deepEqual(begun, ["wide 1", "ada 1"]);
    await end("wide 1", 10_000);
    assert.deepEqual(begun, ["wide 1", "ada 1", "wide 2"]);
    await end("wide 2", 1);
    assert.deepEqual(await Promise.all(mallorys), ["wide 1", "wide 2"]);
  });

  it("lets those go first who have taken least time", async () => {
    const all = [look("mallory", "m 1"), look("eve", "e 1")];
    await turn();
    await end("m 1", 9000);
    const [again, ada] = [look("mallory", "m 2"), look("trudy", "t 1")];
    await turn();
    const [waiting, first] = [look("mallory", "m 3"), look("ada", "a 1")];
    await turn();
    assert.deepEqual(begun, ["m 1", "e 1", "m 2"]);
    await end("m 2", 1);
    await end("t 1", 1);
    assert.deepEqual(begun.slice(3, 5), ["t 1", "a 1"]);
    for (const name of ["a 1", "e 1", "m 3"]) await end(name, 1);
    await end("m 3", 1);
    await Promise.all([...all, again, ada, waiting, first]);
  });

  it("forgets what nobody waits for any more, and goes on after one that failed", async () => {
    const enough = new AbortController();
    const first = look("ada", "a 1");
    const second = look("ada", "a 2", enough.signal);
    const failing = line.read("eve", never, () => Promise.reject(new Error("damaged")));
    enough.abort(new Error("closed"));
    await assert.rejects(second, /closed/);
    await assert.rejects(failing, /damaged/);
    await end("a 1", 1);
    assert.equal(await first, "a 1");
    assert.deepEqual(begun, ["a 1"]);
    const next = look("ada", "a 3");
    await turn();
    await end("a 3", 1);
    assert.equal(await next, "a 3");
  });

  it("has few of one person wait", async () => {
    const all = Array.from({ length: 5 }, (_, number) => look("mallory", `m ${number}`));
    await assert.rejects(look("mallory", "m 5"), /other pictures of yours are being read/);
    for (let number = 0; number < 5; number++) {
      await turn();
      await end(`m ${number}`, 1);
    }
    assert.equal((await Promise.all(all)).length, 5);
  });
});
