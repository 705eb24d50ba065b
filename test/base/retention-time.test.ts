import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../src/base/log.ts";
import { RetentionTime } from "../../src/base/retention-time.ts";
import { FakeClock } from "../support/fake-clock.ts";

const day = 86_400_000;

describe("the time by which old things are removed", () => {
  let directory: string;
  let clock: FakeClock;
  /** By how much the wall clock is wrong, milliseconds. */
  let wrong: number;
  let databaseTime: () => Promise<number>;
  let fileTime: () => Promise<number>;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "retention-"));
    clock = new FakeClock();
    wrong = 0;
    databaseTime = () => Promise.resolve(clock.now() + wrong);
    fileTime = () => Promise.resolve(clock.now() + wrong);
  });
  afterEach(() => rm(directory, { recursive: true }));

  function start(): Promise<RetentionTime> {
    const wall = {
      now: () => clock.now() + wrong,
      monotonic: () => clock.monotonic(),
      after: clock.after.bind(clock),
      every: clock.every.bind(clock),
    };
    return RetentionTime.start({
      file: join(directory, "clock.json"),
      databaseTime: () => databaseTime(),
      fileTime: () => fileTime(),
      clock: wall,
      log: silentLog,
    });
  }

  /** A server that has run for long enough. */
  async function settled(): Promise<RetentionTime> {
    const time = await start();
    clock.advance(3 * day);
    assert.equal(await time.mayRemove(), true);
    return time;
  }

  it("is not trusted at the first start, and is after three days of service, however often the server was stopped meanwhile", async () => {
    for (let served = 0; served < 3; served++) {
      await using time = await start();
      assert.equal(await time.mayRemove(), false);
      assert.match(time.waitsBecause ?? "", served === 0 ? /not known yet/ : /steadily/);
      clock.advance(day);
    }
    await using time = await start();
    assert.equal(time.waitsBecause, undefined);
    assert.equal(await time.mayRemove(), true);
  });

  it("is not trusted after a start 200 days ahead", async () => {
    await (await settled())[Symbol.asyncDispose]();
    wrong = 200 * day;
    await using time = await start();
    assert.equal(await time.mayRemove(), false);
    assert.match(time.waitsBecause ?? "", /200 days ahead of when this server last ran/);
  });

  it("is trusted after a night without the server, and not after a start in the past", async () => {
    await (await settled())[Symbol.asyncDispose]();
    clock.advance(day / 2);
    await using night = await start();
    assert.equal(await night.mayRemove(), true);
    await night[Symbol.asyncDispose]();
    wrong = -day;
    await using past = await start();
    assert.equal(await past.mayRemove(), false);
  });

  for (const jump of [200 * day, -day, day / 48]) {
    it(`is not trusted once it jumps by ${jump / day} days while the server runs, also when it is put right`, async () => {
      await using time = await settled();
      wrong = jump;
      assert.equal(await time.mayRemove(), false);
      assert.match(time.waitsBecause ?? "", /the clock jumped/);
      wrong = 0;
      assert.equal(await time.mayRemove(), false);
      clock.advance(3 * day);
      assert.equal(await time.mayRemove(), true);
    });
  }

  it("is not trusted when the database or the file system has another one, or can't be asked", async () => {
    await using time = await settled();
    databaseTime = () => Promise.reject(new Error("away"));
    assert.equal(await time.mayRemove(), false);
    databaseTime = () => Promise.resolve(clock.now());
    assert.equal(await time.mayRemove(), true);
    fileTime = () => Promise.resolve(clock.now() - day);
    assert.equal(await time.mayRemove(), false);
    assert.match(time.waitsBecause ?? "", /apart/);
  });
});
