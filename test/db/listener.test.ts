import assert from "node:assert/strict";
import { systemClock } from "../../src/base/clock.ts";
import { UserError } from "../../src/base/errors.ts";
import { silentLog } from "../../src/base/log.ts";
import { Listener } from "../../src/db/listener.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { DatabaseProxy } from "../support/database-proxy.ts";
import { eventually } from "../support/eventually.ts";

describe("a listener", () => {
  let fixture: TestDatabase;
  let network: DatabaseProxy;

  beforeEach(async () => {
    fixture = await testDatabase();
    network = await DatabaseProxy.start(fixture.url);
  });
  afterEach(async () => {
    await network[Symbol.asyncDispose]();
    await fixture[Symbol.asyncDispose]();
  });

  function listen(): Listener {
    return new Listener({ url: network.url, channel: "news", timeoutSeconds: 0.4, clock: systemClock, log: silentLog });
  }

  const tell = (text: string): Promise<unknown> => fixture.database.query("SELECT pg_notify('news', $1)", [text]);

  for (const outage of ["cut", "silence"] as const) {
    it(`hears what is told, and again after the network was gone (${outage})`, async () => {
      await using listener = listen();
      const heard: string[] = [];
      let connections = 0;
      using _news = listener.onNotification((text) => heard.push(text));
      using _connected = listener.onConnected(() => (connections += 1));
      await eventually(() => listener.connected);
      await tell("one");
      await eventually(() => heard.length === 1);
      network[outage]();
      // Silence is noticed only by a statement that gets no answer.
      await assert.rejects(
        listener.query("SELECT 1"),
        (error) => error instanceof UserError && error.code === "database-unavailable",
      );
      await tell("missed");
      network.restore();
      await eventually(() => connections === 2);
      assert.deepEqual(await listener.query("SELECT 8::bigint AS number"), [{ number: 8 }]);
      await tell("two");
      await eventually(() => heard.length === 2);
      assert.deepEqual(heard, ["one", "two"]);
    });
  }

  it("survives a bug in whoever listens, and a statement that is wrong", async () => {
    await using listener = listen();
    await eventually(() => listener.connected);
    let heard = 0;
    using _bug = listener.onNotification(() => {
      heard += 1;
      throw new Error("a bug");
    });
    await assert.rejects(listener.query("SELECT nonsense"), /nonsense/);
    await tell("one");
    await eventually(() => heard === 1);
    assert.equal(listener.connected, true);
  });

  it("ends its connection when it is closed, in the middle of an outage too", async () => {
    const listener = listen();
    await eventually(() => listener.connected);
    await listener.close();
    const connections = async (): Promise<number> =>
      (
        await fixture.database.query(
          "SELECT 1 FROM pg_stat_activity WHERE application_name = 'classh listener' AND datname = current_database()",
        )
      ).length;
    await eventually(async () => (await connections()) === 0);
    const second = listen();
    await eventually(() => second.connected);
    network.silence();
    await second.close();
    network.cut();
    const third = listen();
    await third.close();
    assert.equal(third.connected, false);
  });
});
