/** The HTTP side of metrics: what it answers, and that strangers can't hold it up. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { closeMetricsServer, createMetricsServer } from "../../src/metrics/metrics-server.ts";
import { upFamily, type ProcessReport } from "../../src/metrics/process-report.ts";
import { Scrapes } from "../../src/metrics/scrapes.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";

const report: ProcessReport = {
  process: "server",
  families: [upFamily("server", 1)],
  checks: [{ part: "database", ok: true, detail: "answers", needed: true }],
};

describe("the metrics server", () => {
  let server: Server;
  let port: number;
  let reports: () => Promise<readonly ProcessReport[]>;
  let draining = false;

  before(async () => {
    server = createMetricsServer({ reports: () => reports(), draining: () => draining, log: silentLog });
    server.listen({ host: "127.0.0.1", port: 0 });
    await once(server, "listening");
    ({ port } = server.address() as AddressInfo);
  });
  beforeEach(() => {
    reports = () => Promise.resolve([report]);
    draining = false;
  });
  after(() => closeMetricsServer(server));

  const get = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, init);

  /** What comes back for these bytes until the server closes. */
  async function raw(bytes: string): Promise<string> {
    const socket = await open();
    socket.write(bytes, "latin1");
    return await rest(socket);
  }
  async function open(): Promise<Socket> {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    await once(socket, "connect");
    return socket;
  }
  async function rest(socket: Socket): Promise<string> {
    let text = "";
    socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    // A reset is an end, too.
    if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
    return text;
  }

  it("answers also who comes after hundreds that stay and ask nothing", async () => {
    const idle: Socket[] = [];
    try {
      for (let number = 0; number < 200; number++) idle.push(await open());
      assert.equal(await (await get("/livez", { headers: { connection: "close" } })).text(), "ok\n");
      await eventually(() => idle.filter(({ closed }) => !closed).length <= 64);
    } finally {
      for (const socket of idle) socket.destroy();
    }
  });

  it("cuts off who asks again before the answer has come", async () => {
    const answers = await raw("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".repeat(50));
    assert.ok((answers.match(/HTTP\/1\.1 200/g) ?? []).length <= 1, answers);
  });

  it("answers /metrics in the format that is asked for", async () => {
    const plain = await get("/metrics");
    assert.equal(plain.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    assert.match(await plain.text(), /^classh_process_up\{process="server"\} 1$/m);
    // What Prometheus sends.
    const accept =
      "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,*/*;q=0.1";
    const open = await get("/metrics", { headers: { accept } });
    assert.equal(open.headers.get("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert.match(await open.text(), /# EOF\n$/);
    const head = await get("/metrics", { method: "HEAD" });
    assert.equal(await head.text(), "");
    assert.ok(Number(head.headers.get("content-length")) > 0);
  });

  it("answers the probes", async () => {
    assert.equal(await (await get("/livez")).text(), "ok\n");
    assert.equal(await (await get("/readyz")).text(), "ok\n");
    const verbose = await get("/readyz?verbose");
    assert.equal(verbose.headers.get("content-type"), "application/json");
    assert.deepEqual(await verbose.json(), {
      ready: true,
      troubles: [],
      processes: [{ process: "server", checks: report.checks }],
    });
    draining = true;
    const ending = await get("/readyz");
    assert.equal(ending.status, 503);
    assert.equal(await ending.text(), "not ready\nthe server is shutting down\n");
    assert.equal((await get("/livez")).status, 200);
  });

  it("tells a bug by its number only, and goes on", async () => {
    reports = () => Promise.reject(new Error("secret"));
    const response = await get("/metrics");
    assert.equal(response.status, 500);
    const text = await response.text();
    assert.match(text, /error [0-9a-f]{8}/);
    assert.ok(!text.includes("secret"));
    reports = () => Promise.resolve([report]);
    assert.equal((await get("/metrics")).status, 200);
  });

  it("refuses other paths and methods", async () => {
    for (const path of ["/", "/metrics/", "/metrics%00", "/../metrics/..", "/constructor", "/__proto__"])
      assert.equal((await get(path)).status, 404, path);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
      const response = await get("/metrics", { method });
      assert.equal(response.status, 405, method);
      assert.equal(response.headers.get("allow"), "GET, HEAD");
    }
    assert.match(await raw("GET constructor HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), /^HTTP\/1\.1 40[04] /);
  });

  it("ends who sends no HTTP, too much of it, a body, or wants another protocol", async () => {
    assert.match(await raw("SSH-2.0-x\r\n\r\n"), /^HTTP\/1\.1 400 /);
    assert.match(await raw(`GET /metrics HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(20_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /);
    assert.match(await raw(`GET /${"a".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`), /^HTTP\/1\.1 431 /);
    assert.match(
      await raw("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\nabc"),
      /^HTTP\/1\.1 405 /,
    );
    assert.match(
      await raw("GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\nabc"),
      /^HTTP\/1\.1 200 .*ok\n$/s,
    );
    assert.equal(await raw("CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n"), "");
    await raw("GET /metrics HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    assert.equal((await get("/livez")).status, 200);
  });

  it("ends who is slow with the headers", async () => {
    const socket = await open();
    socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\n");
    const drip = setInterval(() => socket.write("X: y\r\n"), 500);
    try {
      assert.match(await rest(socket), /^HTTP\/1\.1 408 /);
    } finally {
      clearInterval(drip);
    }
  });
});

describe("scrapes", () => {
  it("at any rate cost one collection a second", async () => {
    const clock = new FakeClock();
    let collected = 0;
    let answer: () => void = () => undefined;
    const scrapes = new Scrapes(async () => {
      collected += 1;
      await new Promise<void>((resolve) => (answer = resolve));
      return [report];
    }, clock);
    const asked = [scrapes.reports(), scrapes.reports(), scrapes.reports()];
    answer();
    await Promise.all(asked);
    for (let time = 0; time < 990; time += 10) {
      clock.advance(10);
      await scrapes.reports();
    }
    assert.equal(collected, 1);
    clock.advance(10);
    const next = scrapes.reports();
    answer();
    await next;
    assert.equal(collected, 2);
  });

  it("are tried again after one that failed", async () => {
    let fails = true;
    const scrapes = new Scrapes(
      () => (fails ? Promise.reject(new Error("no")) : Promise.resolve([report])),
      systemClock,
    );
    await assert.rejects(scrapes.reports(), /no/);
    fails = false;
    assert.deepEqual(await scrapes.reports(), [report]);
  });
});
