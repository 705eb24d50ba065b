/** A client process: people who each do one thing as fast as they can. What they send is only limited by what the server reads. */
import { createConnection } from "node:net";
import { setImmediate as nextRound, setTimeout as delay } from "node:timers/promises";
import ssh2 from "ssh2";
import { serveCalls } from "../base/worker.ts";
import type { Target } from "../servers/target.ts";

export const attackKinds = ["nothing", "output", "window sizes", "signals", "keys", "large windows", "requests", "nonsense"] as const;
export type AttackKind = (typeof attackKinds)[number];

export interface AttackRequest {
  readonly kind: AttackKind;
  readonly targets: readonly Target[];
}

/** Bytes that wait in our own socket: more says nothing to the server. */
const mostWaiting = 256 << 10;
const largest = { term: "xterm-256color", cols: 500, rows: 200 };

/** What a student's program prints: everything that was ever slow. */
const program = String.raw`import sys
marks = "a" + "\u0301" * 20
piece = "\x1b]4;" + "1;red;" * 3000 + "\x07" + "\x1b[1000L\x1b[1000M\x1bc\x1b[2J\x1b[?1049h\x1b[?1049l\x1b[H" * 20 + marks * 200 + "\x1b[4;31mx\x1b[0m" * 500 + "\x1b]0;" + "t" * 5000
while True:
    sys.stdout.write(piece)
`;

interface Attacker {
  readonly client: ssh2.Client;
  readonly channels: ssh2.ClientChannel[];
}

/** Aborted when the attack is over. */
let stop = new AbortController();
let attackers: Attacker[] = [];
let deeds = 0;

async function connect({ port, username, login }: Target): Promise<Attacker> {
  const socket = createConnection({ host: "127.0.0.1", port, noDelay: true });
  const client = new ssh2.Client();
  client.on("error", () => undefined); // being thrown out is one of the ends of an attack
  socket.on("error", () => undefined);
  const secret = login.kind === "key" ? { privateKey: login.privateKey } : { password: login.password };
  await new Promise<void>((resolve, reject) => {
    client.once("ready", resolve);
    client.once("close", () => reject(new Error(`${username} could not log in`)));
    client.connect({ sock: socket, username, ...secret, readyTimeout: 60_000 });
  });
  return { client, channels: [] };
}

async function shell(attacker: Attacker, size = { term: "xterm-256color", cols: 80, rows: 24 }): Promise<ssh2.ClientChannel> {
  const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) => {
    attacker.client.shell(size, (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  channel.on("error", () => undefined);
  channel.resume();
  attacker.channels.push(channel);
  return channel;
}

function exec({ client }: Attacker, command: string): Promise<void> {
  return new Promise((resolve) => {
    client.exec(command, (error, channel) => {
      if (error) return resolve();
      channel.on("error", () => undefined).on("close", () => resolve());
      channel.resume();
    });
  });
}

/** Repeats until the end, as fast as the server reads. */
async function flood({ client, channels }: Attacker, deed: () => unknown): Promise<void> {
  const { _sock: socket } = client as unknown as { readonly _sock: { readonly writableLength: number; readonly destroyed: boolean } };
  const isFull = (): boolean => socket.writableLength > mostWaiting || channels.some((channel) => channel.writableLength > mostWaiting);
  const { signal } = stop;
  while (!signal.aborted && !socket.destroyed) {
    for (let count = 0; count < 50 && !signal.aborted && !isFull(); count++) {
      deeds++;
      await deed();
    }
    if (isFull()) await delay(5);
    // Timers that are due again as soon as they ran would keep Node.js from reading anything, the call that ends this among it.
    await nextRound();
  }
}

async function attack(kind: AttackKind, attacker: Attacker): Promise<void> {
  switch (kind) {
    case "nothing":
      return;
    case "output": {
      const channel = await shell(attacker, largest);
      await delay(3000); // for Python
      channel.write("\x01"); // all of the file is replaced
      channel.write(`\x1b[200~${program}\x1b[201~`);
      await delay(500);
      channel.write("\x1b[15~"); // F5
      return;
    }
    case "window sizes": {
      const channel = await shell(attacker);
      return await flood(attacker, () => (deeds % 2 ? channel.setWindow(200, 500, 0, 0) : channel.setWindow(5, 20, 0, 0)));
    }
    case "signals": {
      const channel = await shell(attacker);
      return await flood(attacker, () => channel.signal("INT"));
    }
    case "keys": {
      const channel = await shell(attacker, largest);
      return await flood(attacker, () => channel.write("ab\x7f\x7f\x1b[A\x1b[B\x1b[6~\x1b[5~\x1b[<35;10;10M".repeat(20)));
    }
    case "large windows": {
      for (let count = 0; count < 10; count++) await shell(attacker, largest).catch(() => undefined);
      return await flood(attacker, () => attacker.channels[deeds % attacker.channels.length]?.write("\x1b[A"));
    }
    case "requests": {
      const { _protocol: protocol } = attacker.client as unknown as { readonly _protocol: { ping(): void } };
      return await flood(attacker, () => protocol.ping());
    }
    case "nonsense":
      return await flood(attacker, () => exec(attacker, "x".repeat(16_000)));
    default:
      return kind satisfies never;
  }
}

const calls = {
  async ready(): Promise<void> {},

  /** Everybody begins; what they do goes on afterwards. */
  async begin({ kind, targets }: AttackRequest): Promise<void> {
    stop = new AbortController();
    deeds = 0;
    attackers = await Promise.all(targets.map(connect));
    for (const attacker of attackers) void attack(kind, attacker).catch(() => undefined);
  },

  /** Everybody leaves; how often they did it. */
  async end(): Promise<number> {
    stop.abort();
    for (const { client } of attackers.splice(0)) client.destroy();
    return deeds;
  },
};

export type AttackerCalls = typeof calls;

serveCalls(calls);
