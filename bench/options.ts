/** What can be asked for on the command line. */
import { parseArgs } from "node:util";

export const scenarioNames = ["echo", "run-start", "login", "locks", "limits"] as const;
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
}

export const usage = `usage: npm run bench -- [SCENARIO...] [--vs sshd-nano] [--sessions N] [--json FILE] [--quick] [--profile DIR]

  SCENARIO          ${scenarioNames.join(", ")}; all of them without one
  --vs sshd-nano    measure OpenSSH's sshd with nano too, with the same clients in the same run (echo)
  --sessions N      sessions of echo, once or more; without it 60 and then 250
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
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  if (values.vs !== undefined && values.vs !== "sshd-nano") throw new Error(`--vs knows sshd-nano, not ${JSON.stringify(values.vs)}`);
  return {
    scenarios: positionals.length > 0 ? positionals.map(scenarioName) : scenarioNames,
    vsSshdNano: values.vs === "sshd-nano",
    sessions: values.sessions?.map(sessionCount) ?? (values.quick ? [10] : [60, 250]),
    quick: values.quick,
    json: values.json,
    profile: values.profile,
  };
}

function scenarioName(word: string): ScenarioName {
  const name = scenarioNames.find((known) => known === word);
  if (name === undefined) throw new Error(`there is no scenario ${JSON.stringify(word)}; there are ${scenarioNames.join(", ")}`);
  return name;
}

function sessionCount(word: string): number {
  const count = Number(word);
  if (!Number.isInteger(count) || count < 1 || count > mostSessions) throw new Error(`--sessions takes 1 to ${mostSessions}, not ${JSON.stringify(word)}`);
  return count;
}
