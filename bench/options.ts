/** What can be asked for on the command line. */
import { parseArgs } from "node:util";

/** What is measured when nothing is asked for by name. */
export const usualScenarios = [
  "echo",
  "run-start",
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
  /** Measure OpenSSH's sshd with nano beside classh. */
  readonly vsSshdNano: boolean;
  /** Session counts of `echo`. */
  readonly sessions: readonly number[];
  /** Fewer sessions, runs and seconds: shows that everything works, measures little. */
  readonly quick: boolean;
  readonly json: string | undefined;
  /** The server writes V8 CPU profiles there. */
  readonly profile: string | undefined;
  /** Worker processes of the server; undefined: as it is by default. */
  readonly workers: number | undefined;
  /** How long `soak` takes, or the attack of `siege`. */
  readonly seconds: number | undefined;
}

export const usage = `usage: npm run bench -- [SCENARIO...] [--vs sshd-nano] [--sessions N] [--json FILE] [--quick] [--profile DIR]

  SCENARIO          ${usualScenarios.join(", ")}; all of these without one.
                    scale: 1000 sessions, 250 of them typing (needs 20 GB); soak: 100 sessions for an hour;
                    siege: ten attackers at once
  --vs sshd-nano    measure OpenSSH's sshd with nano too, with the same clients in the same run (echo)
  --sessions N      sessions of echo, once or more; without it 60 and then 250
  --workers N       worker processes of the server
  --seconds N       how long soak takes, 3600 without it; or siege, 600 without it
  --json FILE       write the figures there as well
  --quick           a short run that shows that the bench works
  --profile DIR     have the server write V8 CPU profiles to DIR
`;

/** The most sessions one run may ask for: beyond it the clients are what is measured. */
const mostSessions = 1000;

/** What was asked for, or undefined when it was help. Throws an Error that tells a person what is wrong. */
export function parseOptions(words: readonly string[]): BenchOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      vs: { type: "string" },
      sessions: { type: "string", multiple: true },
      json: { type: "string" },
      quick: { type: "boolean", default: false },
      profile: { type: "string" },
      workers: { type: "string" },
      seconds: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  if (values.vs !== undefined && values.vs !== "sshd-nano")
    throw new Error(`--vs knows sshd-nano, not ${JSON.stringify(values.vs)}`);
  return {
    scenarios: positionals.length > 0 ? positionals.map(scenarioName) : usualScenarios,
    vsSshdNano: values.vs === "sshd-nano",
    sessions:
      values.sessions?.map((word) => wholeNumber("--sessions", word, 1, mostSessions)) ??
      (values.quick ? [10] : [60, 250]),
    quick: values.quick,
    json: values.json,
    profile: values.profile,
    workers: values.workers === undefined ? undefined : wholeNumber("--workers", values.workers, 0, 16),
    seconds: values.seconds === undefined ? undefined : wholeNumber("--seconds", values.seconds, 10, 24 * 3600),
  };
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
