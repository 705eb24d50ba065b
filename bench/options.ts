/** What can be asked for on the command line. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { peerNames, type PeerName } from "./servers/peers.ts";

/** What is measured when nothing is asked for by name. */
export const usualScenarios = [
  "echo",
  "keys",
  "run-start",
  "transfer",
  "files",
  "login",
  "resume",
  "attach",
  "attack",
  "takeover",
  "locks",
  "limits",
  "roster",
  "class",
] as const;
/** These take long or much: only by name. */
export const scenarioNames = [...usualScenarios, "scale", "soak", "siege"] as const;
export type ScenarioName = (typeof scenarioNames)[number];

export interface BenchOptions {
  readonly scenarios: readonly ScenarioName[];
  /** What `echo` and `keys` compare classh with. */
  readonly peers: readonly PeerName[];
  /** Session counts of `echo`. */
  readonly sessions: readonly number[];
  /** Fewer sessions, runs and seconds: shows that everything works, measures little. */
  readonly quick: boolean;
  readonly json: string | undefined;
  /** Add the figures to bench/history.jsonl. */
  readonly record: boolean;
  /** Measure nothing: show what bench/history.jsonl has. */
  readonly history: boolean;
  /** Each process of the server writes a V8 CPU profile there. */
  readonly profile: string | undefined;
  /** Worker processes of the server; undefined: as it is by default. */
  readonly workers: number | undefined;
  /** How long `soak` takes, or the attack of `siege`. */
  readonly seconds: number | undefined;
}

export const usage = `usage: npm run bench -- [SCENARIO...] [--vs PEER] [--sessions N] [--json FILE] [--quick] [--profile DIR] [--record]
       npm run bench -- history [SCENARIO...]

  SCENARIO          ${usualScenarios.join(", ")}; all of these without one.
                    scale: 1000 sessions, 250 of them typing (needs 20 GB); soak: 100 sessions for an hour;
                    siege: ten attackers at once
  history           one table for each scenario: what was recorded, by commit, as ratios to the first peer

  --vs PEER         what echo and keys are compared with, in the same run and by the same clients: ${peerNames.join(", ")},
                    once or more; all of them without it; none: only classh
  --sessions N      sessions of echo, once or more; without it 60 and then 250
  --workers N       worker processes of the server
  --seconds N       how long soak takes, 3600 without it; or siege, 600 without it
  --json FILE       write the figures there as well
  --quick           a short run that shows that the bench works
  --profile DIR     have each process of the server write a V8 CPU profile to DIR
  --record          add the figures to bench/history.jsonl, with the commit that they are of
`;

/** The most sessions one run may ask for: beyond it the clients are what is measured. */
const maxSessions = 1000;

/** What was asked for, or undefined when it was help. Throws an Error that tells a person what is wrong. */
export function parseOptions(words: readonly string[]): BenchOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      vs: { type: "string", multiple: true },
      sessions: { type: "string", multiple: true },
      json: { type: "string" },
      quick: { type: "boolean", default: false },
      profile: { type: "string" },
      record: { type: "boolean", default: false },
      workers: { type: "string" },
      seconds: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const [first, ...others] = positionals;
  const history = first === "history";
  const names = history ? others : positionals;
  if (values.record && values.quick) throw new Error("--record keeps figures, and --quick has none");
  return {
    scenarios: names.length > 0 ? names.map(scenarioName) : usualScenarios,
    history,
    record: values.record,
    peers: peersOf(values.vs),
    sessions:
      values.sessions?.map((word) => wholeNumber("--sessions", word, 1, maxSessions)) ??
      (values.quick ? [6] : [60, 250]),
    quick: values.quick,
    json: values.json,
    // The server has a working directory of its own.
    profile: values.profile === undefined ? undefined : resolve(values.profile),
    workers: values.workers === undefined ? undefined : wholeNumber("--workers", values.workers, 0, 16),
    seconds: values.seconds === undefined ? undefined : wholeNumber("--seconds", values.seconds, 10, 24 * 3600),
  };
}

function peersOf(words: readonly string[] = peerNames): readonly PeerName[] {
  const known = [...peerNames, "none"];
  const unknown = words.find((word) => !known.includes(word));
  if (unknown !== undefined) throw new Error(`--vs knows ${known.join(", ")}, not ${JSON.stringify(unknown)}`);
  return peerNames.filter((name) => words.includes(name));
}

function scenarioName(word: string): ScenarioName {
  const name = scenarioNames.find((known) => known === word);
  if (name === undefined)
    throw new Error(`there is no scenario ${JSON.stringify(word)}; there are ${scenarioNames.join(", ")}`);
  return name;
}

function wholeNumber(option: string, word: string, least: number, most: number): number {
  const count = Number(word);
  if (!Number.isInteger(count) || count < least || count > most)
    throw new Error(`${option} takes ${least} to ${most}, not ${JSON.stringify(word)}`);
  return count;
}
