/** What a logged-in student's client may send without end. Time stands still or is the test's: nothing here depends on how fast it is. */
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { setImmediate as nextRound } from "node:timers/promises";
import type { Socket } from "node:net";
import type ssh2 from "ssh2";
import { Shares } from "../../src/base/shares.ts";
import type { TerminalSize } from "../../src/base/terminal.ts";
import { keepToShare } from "../../src/ssh/flow.ts";
import { SocketHold } from "../../src/ssh/socket-hold.ts";
import { WindowRoom } from "../../src/ssh/window-room.ts";
import { FrameCounter } from "./frame-counter.ts";
import { FakeClock } from "../support/fake-clock.ts";
import {
  exec,
  login,
  sendPayload,
  startServer,
  textOf,
  until,
  wire,
  type UnderTest,
} from "../ssh/server-under-test.ts";
import { attack } from "./attack.ts";

describe("attack: a client that sends without end", () => {
  let clock: FakeClock;
  let under: UnderTest;

  before(async () => {
    clock = new FakeClock();
    under = await startServer({ clock });
  });
  after(async () => await under[Symbol.asyncDispose]());

  const channelOf = (channel: unknown): number => (channel as { outgoing: { id: number } }).outgoing.id;
  /** Everything before was read: the server answers in order. */
  const roundTrip = async (client: ssh2.Client): Promise<void> => void (await textOf(await exec(client, "echo here")));

  attack(
    {
      area: "connection",
      attack: "changes its window's size 5000 times",
      outcome: "the first takes effect at once, of the rest only the newest, 50 ms later",
    },
    async () => {
      using attacker = await login(under);
      const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) => {
        attacker.client.shell({ cols: 100, rows: 30, term: "xterm" }, (error, opened) =>
          error ? reject(error) : resolve(opened),
        );
      });
      await until(() => under.terminals.length === 1, "the terminal");
      const terminal = under.terminals[0] ?? assert.fail();
      const sizes: TerminalSize[] = [];
      terminal.onResize((size) => sizes.push(size));
      for (let count = 0; count < 5000; count++)
        sendPayload(
          attacker.client,
          wire(98, channelOf(channel), "window-change", false, 21 + (count % 400), 10 + (count % 100), 0, 0),
        );
      sendPayload(attacker.client, wire(98, channelOf(channel), "window-change", false, 123, 45, 0, 0));
      await roundTrip(attacker.client);
      assert.equal(sizes.length, 1);
      clock.advance(50);
      assert.deepEqual(sizes.at(-1), { columns: 123, rows: 45 });
      clock.advance(500);
      assert.equal(sizes.length, 2);
    },
  );

  attack(
    {
      area: "connection",
      attack: "sends 5000 signals to its program, and some that do not exist",
      outcome: "each kind is delivered at most once in 50 ms",
    },
    async () => {
      using attacker = await login(under);
      const before = under.commands.length;
      const channel = await exec(attacker.client, "hang");
      const request = under.commands[before] ?? assert.fail();
      const signals: string[] = [];
      request.onSignal((name) => signals.push(name));
      for (let count = 0; count < 5000; count++)
        sendPayload(
          attacker.client,
          wire(98, channelOf(channel), "signal", false, ["INT", "TERM", "USR1", `X${count}`][count % 4] ?? ""),
        );
      await roundTrip(attacker.client);
      assert.deepEqual(signals, ["INT"]);
      clock.advance(50);
      assert.deepEqual(signals.toSorted(), ["INT", "INT", "TERM", "USR1"]);
      clock.advance(500);
      assert.equal(signals.length, 4);
    },
  );

  attack(
    {
      area: "connection",
      attack: "opens windows of 500x200 until the memory is full",
      outcome: "a person's fifth and all further ones are drawn as 80x24; other people's are not",
    },
    () => {
      const room = new WindowRoom();
      const largest = { columns: 500, rows: 200 };
      const adas = Array.from({ length: 100 }, () => room.share("ada"));
      const sizes = adas.map((share) => share.fit(largest));
      assert.equal(sizes.filter(({ columns }) => columns === 500).length, 4);
      assert.deepEqual(sizes.at(-1), { columns: 80, rows: 24 });
      assert.deepEqual(room.share("bob").fit(largest), largest);
      adas.at(-1)?.fit(largest);
      for (const share of adas.slice(0, 98)) share[Symbol.dispose]();
      assert.deepEqual(adas.at(-1)?.fit(largest), largest, "what is closed makes room");
    },
  );

  /** A connection whose packets take a millisecond for each KiB, and what of it is read. */
  function slowConnection(shares: Shares, name: string) {
    const socket = new PassThrough();
    let read = 0;
    const protocol = {
      parse(_chunk: Buffer, start: number, end: number): void {
        read += end - start;
        clock.advance((end - start) / 1024);
      },
    };
    const client = Object.assign(new EventEmitter(), { _protocol: protocol });
    const hold = new SocketHold(socket as unknown as Socket);
    const share = shares.of(name);
    keepToShare({
      client: client as unknown as ssh2.Connection,
      socket: socket as unknown as Socket,
      hold,
      clock,
      share: () => share,
    });
    socket.on("data", (chunk: Buffer) => protocol.parse(chunk, 0, chunk.length));
    return { socket, hold, share, read: () => read };
  }

  attack(
    {
      area: "connection",
      attack: "packs thousands of tiny packets (window adjustments, requests, empty data) into each piece that is read",
      outcome: "they are handled for 4 ms, then otadas have their turn",
    },
    async () => {
      const { socket, read } = slowConnection(new Shares(clock), "ada");
      socket.write(Buffer.alloc(16 << 10));
      const seen: number[] = [];
      for (let round = 0; round < 12; round++) {
        await nextRound();
        seen.push(read());
      }
      const steps = seen.map((total, index) => total - (seen[index - 1] ?? 0));
      assert.ok(
        steps.every((step) => step <= 8 << 10),
        String(steps),
      ); // a round of ours is up to two of the loop
      assert.equal(read(), 16 << 10);
    },
  );

  attack(
    {
      area: "connection",
      attack: "keeps sending what is expensive (keys, requests, rekeys, signals, sizes) over ten connections",
      outcome:
        "everybody who has used 25 ms at once is read in a quarter of the time, which they share; nothing is lost",
    },
    async () => {
      const shares = new Shares(clock);
      const connections = Array.from({ length: 10 }, () => slowConnection(shares, "ada"));
      const other = slowConnection(shares, "bob");
      for (const { socket } of connections) socket.write(Buffer.alloc(100 << 10));
      const total = (): number => connections.reduce((sum, { read }) => sum + read(), 0);
      for (let round = 0; round < 100; round++) await nextRound();
      assert.ok(total() <= (50 + 10 * 5) << 10, `${total() >> 10} ms at once`);
      assert.ok(connections.some(({ hold }) => hold.has("share")));
      const from = clock.monotonic();
      const before = total();
      while (clock.monotonic() - from < 2000) {
        clock.advance(5);
        await nextRound();
        await nextRound();
      }
      const part = (total() - before) / 1024 / (clock.monotonic() - from);
      assert.ok(part > 0.1 && part < 0.45, `${(100 * part).toFixed(0)} % of the thread`);
      other.socket.write(Buffer.alloc(1024));
      await nextRound();
      await nextRound();
      assert.equal(other.read(), 1024, "otadas are read at once");
      for (let round = 0; round < 3000 && total() < 10 * (100 << 10); round++) {
        clock.advance(5);
        await nextRound();
      }
      assert.equal(total(), 10 * (100 << 10), "everything was read in the end");
    },
  );

  attack(
    {
      area: "connection",
      attack: "has screens of the largest size redrawn all the time",
      outcome: "a person whose frames take long gets fewer of them; the screen shows what is current when one comes",
    },
    async () => {
      const frames = new FrameCounter(clock, new Shares(clock).of("ada"), 20);
      const from = clock.monotonic();
      while (clock.monotonic() - from < 3000) {
        frames.request();
        await Promise.resolve(); // a frame comes after what the present event changes
        clock.advance(1);
      }
      const part = (frames.count * 20) / (clock.monotonic() - from);
      assert.ok(part < 0.35, `${(100 * part).toFixed(0)} % of the thread`);
      assert.ok(frames.count > 10);
    },
  );
});
