import assert from "node:assert/strict";
import { loadSettings } from "../../src/config/load.ts";
import type { Settings } from "../../src/config/schema.ts";
import { StartupGate, type Ticket } from "../../src/ssh/startups.ts";
import { FakeClock } from "../support/fake-clock.ts";

const classroom = "192.0.2.1";
const attacker = "203.0.113.9";

interface Made {
  readonly gate: StartupGate;
  readonly clock: FakeClock;
  /** Addresses of which a connection was to go. */
  readonly rooms: string[];
  /** Lets in so many from there, as many as are let in. */
  readonly enter: (address: string, count?: number) => Ticket[];
}

function make(settings: Partial<Settings["ssh"]> = {}, random = 0.999): Made {
  const clock = new FakeClock();
  const rooms: string[] = [];
  const all = { ...loadSettings({ environment: {} }).ssh, connectionsPerMinute: 1_000_000, ...settings };
  const gate = new StartupGate({
    settings: all,
    isTrusted: (address) => address === "10.0.0.7",
    clock,
    makeRoom: (source) => rooms.push(source),
    random: () => random,
  });
  const enter = (address: string, count = 1): Ticket[] =>
    Array.from({ length: count }, () => gate.admit(address)).flatMap(({ ticket }) => (ticket ? [ticket] : []));
  return { gate, clock, rooms, enter };
}

describe("who may begin to log in", () => {
  it("are two hundred students behind one address, all at ten o'clock, whatever the dice say", () => {
    const { gate, rooms, enter } = make({}, 0);
    assert.equal(enter(classroom, 200).length, 200);
    assert.equal(gate.waiting, 200);
    assert.deepEqual(rooms, []);
  });

  it("are not fewer for connections of their address that cost nothing, and for those that do they are", () => {
    const { clock, enter } = make({ connectionsPerMinute: 60 });
    for (let count = 0; count < 1000; count += 1) for (const ticket of enter(classroom)) ticket.end("left", true);
    const [here, ...more] = enter(classroom, 60);
    assert.equal(more.length, 59);
    assert.equal(enter(classroom).length, 0);
    here?.end("left", true);
    here?.end("left", true);
    assert.equal(enter(classroom, 2).length, 1, "once each");
    for (const ticket of more) ticket.end("left");
    assert.equal(enter(classroom).length, 0);
    clock.advance(1000);
    assert.equal(enter(classroom, 2).length, 1);
  });

  it("are others, too, when one address has taken all that it can", () => {
    const { rooms, enter } = make({}, 0);
    enter(attacker, 1000);
    assert.deepEqual(new Set(rooms), new Set([attacker]));
    assert.equal(enter(classroom, 200).length, 200);
    assert.deepEqual(new Set(rooms), new Set([attacker]), "it is the attacker who makes room");
  });

  it("are others, too, when one network has taken all that it can with all its addresses", () => {
    for (const address of [
      (index: number) => `203.0.113.${index % 256}`,
      (index: number) => `2001:db8:0:${index.toString(16)}::1`,
    ]) {
      const { gate, enter } = make({}, 0);
      for (let index = 0; index < 2000; index += 1) enter(address(index));
      assert.ok(gate.waiting <= 350 + 32, `${gate.waiting}`);
      assert.equal(enter(classroom, 100).length, 100);
    }
  });

  it("are those who have few connections, when many addresses have many", () => {
    const { enter, rooms } = make({}, 0);
    for (let index = 0; index < 100; index += 1) enter(`198.51.${index}.1`, 5);
    assert.equal(enter(classroom, 3).length, 3);
    assert.equal(rooms.length, 3);
  });

  it("are newcomers of an address that has its share, in place of one who kept the server waiting", () => {
    const { rooms, enter } = make();
    enter(classroom, 250);
    assert.equal(enter(classroom).length, 1);
    assert.deepEqual(rooms, [classroom]);
    assert.equal(enter(classroom, 100).length, 31, "but no more than can be given room");
  });

  it("are fewer at once from an address from which everything fails, until somebody logs in from there", () => {
    const { enter } = make({ startupsPerAddress: 100 });
    for (const ticket of enter(attacker, 50)) ticket.end("failed");
    assert.equal(enter(attacker, 200).length, 20 + 32);
    const other = make({ startupsPerAddress: 100 });
    for (const ticket of other.enter(classroom, 50)) ticket.end("failed");
    for (const ticket of other.enter(classroom)) ticket.end("in");
    for (const ticket of other.enter(classroom, 100)) ticket.end("silent");
    assert.equal(other.enter(classroom, 200).length, 100 + 32);
  });

  it("are as many as ever from an address whose failures are ten minutes ago", () => {
    const { clock, enter } = make({ startupsPerAddress: 100 });
    for (const ticket of enter(attacker, 90)) ticket.end("silent");
    clock.advance(600_000);
    assert.equal(enter(attacker, 200).length, 100 + 32);
  });

  it("are people behind a trusted proxy, whose addresses are not known yet", () => {
    const { gate, enter } = make();
    assert.equal(enter("10.0.0.7", 1000).length, 500);
    assert.equal(gate.waiting, 500);
  });

  it("leave nothing behind, whatever becomes of them, and count once", () => {
    const { gate, enter } = make();
    for (const ticket of [...enter(attacker, 50), ...enter(classroom, 50)]) {
      ticket.end("left");
      ticket.end("in");
    }
    assert.equal(gate.waiting, 0);
    assert.equal(enter(classroom, 250).length, 250);
  });

  it("are remembered in a bounded table", () => {
    const { gate, enter } = make();
    for (let index = 0; index < 30_000; index += 1) {
      for (const ticket of enter(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`)) ticket.end("failed");
    }
    assert.ok(gate.remembered <= 20_000);
  });
});
