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

/** It is ready once the file GATE is there, and says to each connection that it serves; with the file BROKEN it can't start. */
const program = `
  import { existsSync } from "node:fs";
  process.on("message", (message, socket) => {
    if (message.type === "drain") process.exit(0);
    if (message.type === "connection") socket?.end("served\\n");
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
  const gate = (): string => join(directory, "GATE");
  const broken = (): string => join(directory, "BROKEN");
  const log: Log = {
    ...silentLog,
    info: (message, fields) => void (message === "worker started" && started.push(fields?.pid as number)),
    error: (message, fields) => void errors.push(`${message}: ${fields?.error instanceof Error ? fields.error.message : ""}`),
  };

  beforeEach(async () => {
    [started, errors, givenUp, restarts] = [[], [], [], []];
    directory = await mkdtemp(join(tmpdir(), "classh-pool-"));
    const file = join(directory, "worker.mjs");
    await writeFile(file, program.replaceAll('"GATE"', JSON.stringify(gate())).replaceAll('"BROKEN"', JSON.stringify(broken())));
    await writeFile(gate(), "");
    clock = new FakeClock();
    const foundation = { data: directory, url: "", firstLoginFile: "", sockets: directory };
    const settings = loadSettings({ environment: {}, flags: {} });
    pool = new WorkerPool({
      count: 2, file, execArgv: [], startOf: (worker) => ({ type: "start", worker, settings, foundation }), onGone: () => Promise.resolve(),
      giveUp: (socket, visitor) => {
        givenUp.push(visitor === "control" ? "control" : "connection");
        socket.destroy();
      },
      onRestart: (worker, ended) => restarts.push(`${worker}: ${ended}`),
      clock, log,
    });
    server = createServer({ pauseOnConnect: true }, (socket: Socket) => void (pool.give({ source: "127.0.0.1", settle: () => undefined }, socket) || socket.destroy()));
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
    const closed = once(socket, "close");
    return { lines: createInterface({ input: socket })[Symbol.asyncIterator](), closed };
  }

  async function line({ lines }: { readonly lines: AsyncIterator<string> }): Promise<unknown> {
    return (await lines.next()).value;
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
    for (const each of all) assert.match(String(await line(each)), /replacing a part of itself/);
    assert.equal(pool.waiting >= 3, true);
    await writeFile(gate(), "");
    for (const each of all) assert.equal(await line(each), "served");
    assert.deepEqual(givenUp, []);
    assert.deepEqual(restarts.toSorted(), ["1: SIGKILL", "2: SIGKILL"]);
  });

  it("gives up those who have waited for too long, and all when the server ends", async () => {
    await killBoth();
    const first = visitor();
    assert.match(String(await line(first)), /replacing/);
    clock.advance(15_000);
    await first.closed;
    assert.deepEqual(givenUp, ["connection"]);
    const second = visitor();
    assert.match(String(await line(second)), /replacing/);
    await writeFile(gate(), "");
    await pool.drain(1000);
    await second.closed;
  });

  it("says in the log why a successor can't start", async () => {
    await writeFile(broken(), "");
    await killBoth();
    await eventually(() => errors.some((text) => text.startsWith("a worker could not start: ") && text.includes("the key can't be read")));
    await rm(broken());
  });
});
