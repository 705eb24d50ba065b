/** A client process: people who each do one thing as fast as they can. What they send is only limited by what the server reads. */
import { setImmediate as nextRound, setTimeout as delay } from "node:timers/promises";
import type ssh2 from "ssh2";
import { serveCalls } from "../base/worker.ts";
import type { Target } from "../servers/target.ts";
import { connect } from "./connection.ts";

export const attackKinds = [
  "nothing",
  "output",
  "window sizes",
  "signals",
  "keys",
  "large windows",
  "requests",
  "nonsense",
  "disk",
  "processes",
  "guesses",
] as const;
export type AttackKind = (typeof attackKinds)[number];

/** Who is measured has a machine of their own; those who attack take what everybody else leaves of this one. */
export const typistsNiceness = -15;
export const attackersNiceness = 19;

export interface AttackRequest {
  /** One for each attacker, from the beginning again when there are more of them. */
  readonly kinds: readonly AttackKind[];
  readonly targets: readonly Target[];
}

/** Bytes that wait in our own socket: more says nothing to the server. */
const maxWaiting = 256 << 10;
const largest = { term: "xterm-256color", cols: 500, rows: 200 };

/** What a student's program prints: everything that was ever slow. */
const printing = String.raw`import sys
marks = "a" + "\u0301" * 20
piece = "\x1b]4;" + "1;red;" * 3000 + "\x07" + "\x1b[1000L\x1b[1000M\x1bc\x1b[2J\x1b[?1049h\x1b[?1049l\x1b[H" * 20 + marks * 200 + "\x1b[4;31mx\x1b[0m" * 500 + "\x1b]0;" + "t" * 5000
while True:
    sys.stdout.write(piece)
`;

/** What a student's program takes of the disk: names, files without one, holes filled from behind. */
const filling = String.raw`import os
kept = []
number = 0
while True:
    number += 1
    file = open(f"file{number}", "wb")
    file.write(bytes(1 << 20))
    if number % 2:
        os.unlink(file.name)
        kept.append(file)
        kept = kept[-100:]
    else:
        file.close()
    for small in range(50):
        open(f"small{number}-{small}", "w").close()
`;

/** What a student's program takes of processors and memory. */
const forking = String.raw`import os
while True:
    try:
        if os.fork() == 0:
            block = bytearray(20 << 20)
            while True:
                pass
    except OSError:
        pass
`;

/** Between two tries of somebody who was thrown out, in milliseconds. */
const comeBackMs = 500;

interface Attacker {
  readonly client: ssh2.Client;
  readonly channels: ssh2.ClientChannel[];
}

/** Aborted when the attack is over. */
let stop = new AbortController();
const attackers = new Set<Attacker>();
let deeds = 0;

async function enter(target: Target): Promise<Attacker> {
  return { client: await connect(target), channels: [] };
}

async function shell(
  attacker: Attacker,
  size = { term: "xterm-256color", cols: 80, rows: 24 },
): Promise<ssh2.ClientChannel> {
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
  const { _sock: socket } = client as unknown as {
    readonly _sock: { readonly writableLength: number; readonly destroyed: boolean };
  };
  const isFull = (): boolean =>
    socket.writableLength > maxWaiting || channels.some((channel) => channel.writableLength > maxWaiting);
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

/** Puts a program into the file that is open, and runs it. */
async function runProgram(attacker: Attacker, program: string, size?: typeof largest): Promise<void> {
  const channel = await shell(attacker, size);
  await delay(3000); // for Python
  channel.write("\x01"); // all of the file is replaced
  channel.write(`\x1b[200~${program}\x1b[201~`);
  await delay(500);
  // What the server ended is begun again, as often as there are runs.
  while (!stop.signal.aborted) {
    deeds++;
    channel.write("\x1b[15~"); // F5
    await delay(5000, undefined, { signal: stop.signal }).catch(() => undefined);
  }
}

/** Logs in with wrong passwords, as fast as it is let. */
async function guess({ port, username }: Target): Promise<void> {
  while (!stop.signal.aborted) {
    deeds++;
    await connect({ port, username, login: { kind: "password", password: "not the right one" } }).then(
      (client) => client.destroy(),
      () => undefined,
    );
  }
}

/** Does it until the end, and comes back after each time that it is thrown out. */
async function persist(kind: AttackKind, target: Target, first: Attacker): Promise<void> {
  for (
    let attacker: Attacker | undefined = first;
    !stop.signal.aborted;
    attacker = await enter(target).catch(() => undefined)
  ) {
    if (attacker) {
      attackers.add(attacker);
      const { client } = attacker;
      const gone = new Promise<void>((resolve) => void client.once("close", () => resolve()));
      await Promise.race([
        gone,
        attack(kind, attacker, target)
          .catch(() => undefined)
          .then(() => gone),
      ]);
      attackers.delete(attacker);
    }
    await delay(comeBackMs);
  }
}

async function attack(kind: AttackKind, attacker: Attacker, target: Target): Promise<void> {
  switch (kind) {
    case "nothing":
      return;
    case "output":
      return await runProgram(attacker, printing, largest);
    case "disk":
      return await runProgram(attacker, filling);
    case "processes":
      return await runProgram(attacker, forking);
    case "guesses":
      await Promise.all(Array.from({ length: 5 }, () => guess(target)));
      return;
    case "window sizes": {
      const channel = await shell(attacker);
      return await flood(attacker, () =>
        deeds % 2 ? channel.setWindow(200, 500, 0, 0) : channel.setWindow(5, 20, 0, 0),
      );
    }
    case "signals": {
      const channel = await shell(attacker);
      return await flood(attacker, () => channel.signal("INT"));
    }
    case "keys": {
      const channel = await shell(attacker, largest);
      return await flood(attacker, () =>
        channel.write("ab\x7f\x7f\x1b[A\x1b[B\x1b[6~\x1b[5~\x1b[<35;10;10M".repeat(20)),
      );
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
  async begin({ kinds, targets }: AttackRequest): Promise<void> {
    stop = new AbortController();
    deeds = 0;
    const begun = await Promise.all(targets.map(enter));
    for (const [index, attacker] of begun.entries()) {
      const target = targets[index];
      if (target) void persist(kinds[index % kinds.length] ?? "nothing", target, attacker);
    }
  },

  /** Everybody leaves; how often they did it. */
  async end(): Promise<number> {
    stop.abort();
    for (const { client } of attackers) client.destroy();
    attackers.clear();
    return deeds;
  },
};

export type AttackerCalls = typeof calls;

serveCalls(calls);
