import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { UserError } from "../../src/base/errors.ts";
import { silentLog, type Log } from "../../src/base/log.ts";
import { checkMetrics } from "../../src/commands/metrics-check.ts";
import { MetricsEndpoint } from "../../src/server/metrics-endpoint.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("the address of metrics", () => {
  const options = { collect: () => Promise.resolve([]), draining: () => false };

  it("may be taken: that is said, once, and tried again until it is free", async () => {
    const other = createServer();
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const told: string[] = [];
    const log: Log = { ...silentLog, error: (text) => void told.push(text) };
    const clock = new FakeClock();
    const listen = `127.0.0.1:${port}`;
    await using endpoint = await MetricsEndpoint.open({ ...options, listen, clock, log });
    assert.equal(endpoint.problem, `metrics can't be served at ${listen}: another program listens there`);
    assert.equal(endpoint.address, undefined);
    clock.advance(10_000);
    await eventually(() => clock.timers === 1);
    assert.equal(told.length, 1);
    other.close();
    await once(other, "close");
    await eventually(() => {
      clock.advance(10_000);
      return endpoint.problem === undefined;
    });
    assert.equal((await fetch(`http://${listen}/livez`)).status, 200);
  });

  it("is asked by doctor, which tells classh from another program", async () => {
    const endpoint = await MetricsEndpoint.open({
      ...options,
      listen: "127.0.0.1:0",
      clock: new FakeClock(),
      log: silentLog,
    });
    const listen = `127.0.0.1:${endpoint.address?.port}`;
    assert.deepEqual(await checkMetrics(listen), { ok: true, detail: `served at ${listen}` });
    await endpoint[Symbol.asyncDispose]();
    assert.match((await checkMetrics(listen)).detail, /^not served at /);
    const other = createServer((socket) => {
      socket.on("error", () => undefined); // doctor leaves before it has read everything
      socket.resume();
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\nok\n");
    });
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const theirs = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    assert.deepEqual(await checkMetrics(theirs), { ok: false, detail: `another program listens at ${theirs}` });
    other.close();
    await once(other, "close");
  });

  it("must be one, and can be free again at once", async () => {
    const clock = new FakeClock();
    await assert.rejects(
      MetricsEndpoint.open({ ...options, listen: "127.0.0.1:70000", clock, log: silentLog }),
      (error) => error instanceof UserError && error.code === "bad-setting",
    );
    const nowhere = await MetricsEndpoint.open({ ...options, listen: "192.0.2.1:9464", clock, log: silentLog });
    assert.match(nowhere.problem ?? "", /no address of this machine/);
    await nowhere[Symbol.asyncDispose]();
    assert.equal(clock.timers, 0);
    const first = await MetricsEndpoint.open({ ...options, listen: "127.0.0.1:0", clock, log: silentLog });
    const port = first.address?.port ?? 0;
    assert.equal((await fetch(`http://127.0.0.1:${port}/livez`)).status, 200);
    await first[Symbol.asyncDispose](); // while the client keeps its connection
    await using again = await MetricsEndpoint.open({ ...options, listen: `127.0.0.1:${port}`, clock, log: silentLog });
    assert.equal(again.problem, undefined);
  });
});
