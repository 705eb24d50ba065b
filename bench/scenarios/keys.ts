/** What each kind of key has the server send. */
import type { Scope } from "../../src/base/scope.ts";
import { Presser } from "../clients/presser.ts";
import type { BenchOptions } from "../options.ts";
import { row, type ScenarioReport } from "../report.ts";
import { startClassh } from "../servers/classh.ts";
import { measurePeers } from "../servers/peers.ts";
import { benchWord, type BenchServer } from "../servers/target.ts";
import { median } from "../statistics.ts";
import { cheapHashes } from "./echo.ts";

/** In this order again and again: the cursor ends where it began, at the start of the file, whose first line is empty. */
const kinds = [
  ["a letter", "j"],
  ["Backspace", "\x7f"],
  ["Enter in the midst of the screen", "\r"],
  ["Backspace over the end of a line", "\x7f"],
  ["arrow down", "\x1b[B"],
  ["arrow right", "\x1b[C"],
  ["arrow left", "\x1b[D"],
  ["arrow up", "\x1b[A"],
  ["Page Down", "\x1b[6~"],
  ["Page Up", "\x1b[5~"],
] as const;
type Kind = (typeof kinds)[number][0];

type Bytes = ReadonlyMap<Kind, number>;

const full = { rounds: 15, quietMs: 150, settleMs: 3000 };
const quick = { rounds: 1, quietMs: 50, settleMs: 500 };

export async function keys(parent: Scope, options: BenchOptions): Promise<ScenarioReport> {
  const { rounds } = options.quick ? quick : full;
  await using scope = parent.child("keys");
  const use = (server: BenchServer): Promise<Bytes> => measure(server, options);
  const classh = await withClassh(scope, options, use);
  const peers = await measurePeers(scope, { names: options.peers, sessions: 1 }, use);
  return {
    scenario: "keys",
    title: `keys: what one key on a screen of 80x24 has the server send, medians of ${rounds}`,
    peers: peers.names,
    absent: peers.absent,
    rows: kinds.map(([kind]) =>
      row(kind, "bytes", { classh, peers: peers.figures, pick: (bytes) => bytes.get(kind) ?? Number.NaN }),
    ),
    details: { rounds },
  };
}

async function withClassh(
  parent: Scope,
  options: BenchOptions,
  use: (server: BenchServer) => Promise<Bytes>,
): Promise<Bytes> {
  await using server = await startClassh(parent, {
    accounts: 1,
    login: "key",
    settings: cheapHashes,
    profile: options.profile,
    workers: 1,
  });
  return await use(server);
}

async function measure(server: BenchServer, options: BenchOptions): Promise<Bytes> {
  const { rounds, quietMs, settleMs } = options.quick ? quick : full;
  const [target] = server.targets;
  if (!target) throw new Error("there is no account");
  using presser = await Presser.start(target, { word: benchWord, quietMs, settleMs });
  const bytes = new Map<Kind, number[]>(kinds.map(([kind]) => [kind, []]));
  for (let round = 0; round < rounds; round++)
    for (const [kind, key] of kinds) bytes.get(kind)?.push(await presser.press(key));
  return new Map([...bytes].map(([kind, counts]) => [kind, median(counts)]));
}
