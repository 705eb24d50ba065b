/** What happens to connections while workers are replaced: with worker processes that serve when the test lets them. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { silentLog, type Log } from "../../src/base/log.ts";
import { WorkerPool } from "../../src/cluster/worker-pool.ts";
import { loadSettings } from "../../src/config/load.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";

/**
 * It is ready once the file GATE is there, and says to each connection that it serves; with the file BROKEN it can't start, and with
 * the file CRASH it dies as soon as it has said that it has a connection.
 */
const program = `
  import { existsSync } from "node:fs";
  let received = 0;
  process.on("message", (message, socket) => {
    if (message.type === "drain") process.exit(0);
    if (message.type !== "connection") return;
    received = message.number;
    process.send({ type: "load", received, open: 0, waiting: 0 });
    if (existsSync("CRASH")) process.kill(process.pid, "SIGKILL");
    socket?.end("served\\n");
  });
  const look = setInterval(() => {
    if (existsSync("BROKEN")) {
      process.send({ type: "failed", code: "unreadable", message: "the key can't be read", hint: undefined }, () => process.exit(1));
      clearInterval(look);
    } else if (existsSync("GATE")) {
      process.send({ type: "ready", jail: { available: true }, demo: false });
      clearInterval(look);
    }
  }, 5);
`;

describe("the pool of workers", () => {
  let directory: string;
  let server: Server;
  let clock: FakeClock;
  let pool: WorkerPool;
  let started: number[];
  let errors: string[];
  let givenUp: string[];
  let restarts: string[];
  let settled: string[];
  let ours: Socket[];
  const gate = (): string => join(directory, "GATE");
  const broken = (): string => join(directory, "BROKEN");
  const crash = (): string => join(directory, "CRASH");
  const log: Log = {
    ...silentLog,
    info: (message, fields) => void (message === "worker started" && started.push(fields?.pid as number)),
    error: (message, fields) =>
      void errors.push(`${message}: ${fields?.error instanceof Error ? fields.error.message : ""}`),
  };

  beforeEach(async () => {
    [started, errors, givenUp, restarts, settled, ours] = [[], [], [], [], [], []];
    directory = await mkdtemp(join(tmpdir(), "classh-pool-"));
    const file = join(directory, "worker.mjs");
    const files = { GATE: gate(), BROKEN: broken(), CRASH: crash() };
    await writeFile(
      file,
      program.replace(/"(GATE|BROKEN|CRASH)"/g, (_, name: keyof typeof files) => JSON.stringify(files[name])),
    );
    await writeFile(gate(), "");
    clock = new FakeClock();
    const foundation = { data: directory, url: "", firstLoginFile: "", sockets: directory };
    const settings = loadSettings({ environment: {}, flags: {} });
    pool = new WorkerPool({
      count: 2,
      file,
      execArgv: [],
      startOf: (worker) => ({ type: "start", worker, settings, foundation }),
      onGone: () => Promise.resolve(),
      giveUp: (socket, visitor) => {
        givenUp.push(visitor === "control" ? "control" : "connection");
        socket.destroy();
      },
      onRestart: (worker, ended) => restarts.push(`${worker}: ${ended}`),
      clock,
      log,
    });
    server = createServer({ pauseOnConnect: true }, (socket: Socket) => {
      ours.push(socket);
      if (!pool.give({ source: "127.0.0.1", end: (outcome) => void settled.push(outcome) }, socket)) socket.destroy();
    });
    server.listen(0, "127.0.0.1");
    await Promise.all([once(server, "listening"), pool.start()]);
  });
  afterEach(async () => {
    await pool[Symbol.asyncDispose]();
    server.close();
    await rm(directory, { recursive: true });
  });

  /** The lines that somebody reads who connects. */
  function visitor(): { readonly lines: AsyncIterator<string>; readonly closed: Promise<unknown> } {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    const closed = new Promise((resolve) => void socket.once("close", resolve));
    socket.on("error", () => undefined); // a worker that dies resets what it has
    return { lines: createInterface({ input: socket })[Symbol.asyncIterator](), closed };
  }

  async function line({ lines }: { readonly lines: AsyncIterator<string> }): Promise<unknown> {
    return (await lines.next()).value;
  }

  /** Lets the workers take nothing any more, as if they were about to die. */
  function stopBoth(): void {
    for (const pid of started.slice(-2)) process.kill(pid, "SIGSTOP");
  }

  /** Kills both workers; their successors do not serve yet. */
  async function killBoth(): Promise<void> {
    await rm(gate(), { force: true });
    clock.advance(11_000); // they have lived for long: they are replaced at once
    for (const pid of started.slice(-2)) process.kill(pid, "SIGKILL");
    await eventually(() => {
      clock.advance(1);
      return started.length === 4;
    });
  }

  it("serves those who came while there was no worker, as soon as there is one", async () => {
    assert.equal(await line(visitor()), "served");
    await killBoth();
    const all = [visitor(), visitor(), visitor()];
    for (const each of all) assert.match(String(await line(each)), /Part of classh is restarting/);
    assert.equal(pool.waiting >= 3, true);
    await writeFile(gate(), "");
    for (const each of all) assert.equal(await line(each), "served");
    assert.deepEqual(givenUp, []);
    assert.deepEqual(restarts.toSorted(), ["1: SIGKILL", "2: SIGKILL"]);
  });

  it("gives up those who have waited for too long, and all when the server ends", async () => {
    await killBoth();
    const first = visitor();
    assert.match(String(await line(first)), /restarting/);
    clock.advance(15_000);
    await first.closed;
    assert.deepEqual(givenUp, ["connection"]);
    const second = visitor();
    assert.match(String(await line(second)), /restarting/);
    await writeFile(gate(), "");
    await pool.drain(1000);
    await second.closed;
  });

  it("gives what a worker never took to the next one, unread, however many they are", async () => {
    stopBoth();
    const all = Array.from({ length: 7 }, visitor);
    await eventually(() => ours.length === all.length);
    assert.equal(pool.open, all.length);
    assert.ok(ours.every((socket) => !socket.destroyed && socket.bytesRead === 0));
    await killBoth();
    for (const each of all) assert.match(String(await line(each)), /Part of classh is restarting/);
    await writeFile(gate(), "");
    for (const each of all) assert.equal(await line(each), "served");
    assert.deepEqual([givenUp, settled], [[], []]);
  });

  it("keeps who comes in the moment after a worker's death, before anybody can know of it", async () => {
    for (let round = 0; round < 5; round++) {
      // Our own thread: nothing of the death can be heard between the two.
      process.kill(started.at(-1) ?? 0, "SIGKILL");
      const all = Array.from({ length: 4 }, visitor);
      for (const each of all) {
        const text = await line(each);
        if (text !== "served") assert.match(String(text), /restarting/);
      }
      await eventually(() => {
        clock.advance(500);
        return started.length === 3 + round;
      });
    }
  });

  it("gives nobody out twice: who was taken by a worker that dies at once goes with it", async () => {
    await writeFile(crash(), "");
    const all = [visitor(), visitor()];
    await Promise.all(all.map(({ closed }) => closed));
    await eventually(() => settled.length === 2);
    assert.deepEqual([settled, givenUp, ours.length], [["left", "left"], [], 2]);
    assert.equal(pool.waiting, 0);
  });

  it("keeps nothing of a connection that a worker has taken, and all goes when the server ends", async () => {
    const all = Array.from({ length: 5 }, visitor);
    for (const each of all) assert.equal(await line(each), "served");
    await eventually(() => ours.every((socket) => socket.destroyed));
    assert.equal(await new Promise((resolve) => void server.getConnections((_, count) => resolve(count))), 0);
    assert.equal(pool.open, 0);
    stopBoth();
    const late = visitor();
    await eventually(() => pool.open === 1);
    const drained = pool.drain(1000);
    clock.advance(1000);
    await Promise.all([drained, late.closed]);
    assert.deepEqual([givenUp, pool.open], [["connection"], 0]);
  });

  it("says in the log why a successor can't start", async () => {
    await writeFile(broken(), "");
    await killBoth();
    await eventually(() =>
      errors.some((text) => text.startsWith("a worker could not start: ") && text.includes("the key can't be read")),
    );
    await rm(broken());
  });
});
