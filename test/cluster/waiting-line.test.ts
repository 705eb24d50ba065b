/** Connections that wait for a worker: with time that the test moves, and real sockets. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";
import { WaitingLine } from "../../src/cluster/waiting-line.ts";
import type { Ticket } from "../../src/ssh/startups.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";

/** Somebody who has not logged in; counts how often the place was given back. */
let settled = 0;
const visitor: Ticket = { source: "127.0.0.1", end: () => void (settled += 1) };

describe("the line of connections that wait for a worker", () => {
  let server: Server;
  let clock: FakeClock;
  let line: WaitingLine;
  let givenUp: Socket[];
  const sockets: Socket[] = [];

  before(async () => {
    server = createServer({ pauseOnConnect: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => server.close());
  beforeEach(() => {
    clock = new FakeClock();
    givenUp = [];
    line = new WaitingLine({
      maxMs: 15_000,
      maxWaiting: 3,
      greeting: "one moment",
      giveUp: (socket) => void givenUp.push(socket),
      clock,
    });
  });
  afterEach(() => {
    line[Symbol.dispose]();
    for (const socket of sockets.splice(0)) socket.destroy();
    assert.equal(clock.timers, 0);
  });

  /** Somebody's connection: their side and ours. */
  async function connection(): Promise<{ readonly theirs: Socket; readonly ours: Socket }> {
    const theirs = connect((server.address() as AddressInfo).port, "127.0.0.1");
    const [ours] = (await once(server, "connection")) as [Socket];
    sockets.push(theirs, ours);
    return { theirs, ours };
  }

  it("says so to people, not to commands of the server's own machine, and gives them back in their order", async () => {
    const [first, second] = [await connection(), await connection()];
    assert.ok(line.add(first.ours, visitor) && line.add(second.ours, "control"));
    const [text] = (await once(first.theirs, "data")) as [Buffer];
    assert.equal(text.toString(), "one moment\r\n");
    assert.deepEqual(line.takeAll(), [
      [first.ours, visitor],
      [second.ours, "control"],
    ]);
    assert.equal(second.ours.bytesWritten, 0);
    assert.equal(line.length, 0);
  });

  it("lets nobody wait for more than its time", async () => {
    const [first, second] = [await connection(), await connection()];
    line.add(first.ours, visitor);
    clock.advance(10_000);
    line.add(second.ours, visitor);
    clock.advance(5_000);
    assert.deepEqual(givenUp, [first.ours]);
    assert.deepEqual(line.takeAll(), [[second.ours, visitor]]);
    clock.advance(60_000);
    assert.deepEqual(givenUp, [first.ours]);
  });

  it("has an end, and forgets who has gone", async () => {
    const all = [await connection(), await connection(), await connection(), await connection()];
    assert.deepEqual(
      all.map(({ ours }) => line.add(ours, visitor)),
      [true, true, true, false],
    );
    settled = 0;
    all[0]?.ours.destroy();
    await eventually(() => line.length === 2);
    assert.equal(settled, 1, "the place among those who have not logged in is free again");
    assert.deepEqual(
      line.takeAll().map(([socket]) => socket),
      [all[1]?.ours, all[2]?.ours],
    );
    assert.equal(settled, 1, "who goes on to a worker keeps it");
  });
});
