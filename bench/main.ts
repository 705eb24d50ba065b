/** `npm run bench`: measures the built server, and prints tables and JSON. docs/performance.md says what each figure means. */
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { machineAtRest } from "./base/rest.ts";
import { Scope } from "../src/base/scope.ts";
import { historyText, record } from "./history.ts";
import { parseOptions, usage, type BenchOptions, type ScenarioName } from "./options.ts";
import { describeMachine, reportText, type ScenarioReport } from "./report.ts";
import { classView } from "./scenarios/class.ts";
import { attack } from "./scenarios/attack.ts";
import { attach } from "./scenarios/attach.ts";
import { echo } from "./scenarios/echo.ts";
import { files } from "./scenarios/files.ts";
import { keys } from "./scenarios/keys.ts";
import { limits } from "./scenarios/limits.ts";
import { locks } from "./scenarios/locks.ts";
import { login } from "./scenarios/login.ts";
import { resume } from "./scenarios/resume.ts";
import { roster } from "./scenarios/roster.ts";
import { runStart } from "./scenarios/run-start.ts";
import { scale } from "./scenarios/scale.ts";
import { siege } from "./scenarios/siege.ts";
import { soak } from "./scenarios/soak.ts";
import { takeover } from "./scenarios/takeover.ts";
import { transfer } from "./scenarios/transfer.ts";

type Scenario = (scope: Scope, options: BenchOptions) => Promise<ScenarioReport>;

const scenarios: Readonly<Record<Exclude<ScenarioName, "echo">, Scenario>> = {
  attach,
  attack,
  keys,
  transfer,
  files,
  "run-start": runStart,
  login,
  resume,
  scale,
  siege,
  soak,
  takeover,
  locks,
  limits,
  roster,
  class: classView,
};

async function measure(name: ScenarioName, scope: Scope, options: BenchOptions): Promise<readonly ScenarioReport[]> {
  return name === "echo" ? await measureEcho(scope, options) : [told(await scenarios[name](scope, options))];
}

/** Once for each number of sessions. */
async function measureEcho(scope: Scope, options: BenchOptions): Promise<readonly ScenarioReport[]> {
  const reports: ScenarioReport[] = [];
  for (const [index, sessions] of options.sessions.entries()) {
    if (index > 0) await rest(options);
    reports.push(told(await echo(scope, options, sessions)));
  }
  return reports;
}

/** A short run measures nothing, so it waits for nothing. */
async function rest({ quick }: BenchOptions): Promise<void> {
  if (quick) return;
  const isQuiet = await machineAtRest((line) => process.stdout.write(line));
  if (!isQuiet) process.stdout.write("the machine does not come to rest: the slowest hundredth says little\n");
}

/** Shows a report as soon as it is there: somebody waits. */
function told(report: ScenarioReport): ScenarioReport {
  process.stdout.write(reportText(report));
  return report;
}

async function bench(scope: Scope, options: BenchOptions): Promise<void> {
  const machine = await describeMachine();
  process.stdout.write(
    `${machine.cores} cores (${machine.model}), Node.js ${machine.node}, Linux ${machine.kernel}, load ${machine.load}\n`,
  );
  const reports: ScenarioReport[] = [];
  for (const name of options.scenarios) {
    await rest(options);
    reports.push(...(await measure(name, scope, options)));
  }
  const figures = { at: new Date().toISOString(), machine, reports };
  process.stdout.write(`\n${JSON.stringify(figures, shortNumber)}\n`);
  if (options.record) await record(figures, shortNumber);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, shortNumber, 2)}\n`);
}

/** Clocks and means yield more digits than they know. */
function shortNumber(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toFixed(3)) : value;
}

/** Ctrl-C and SIGTERM end everything that was started; what is being measured then fails, which nobody needs to hear. */
async function main(words: readonly string[]): Promise<number> {
  const options = parseOptions(words);
  if (!options) {
    process.stdout.write(usage);
    return 0;
  }
  if (options.history) {
    process.stdout.write(await historyText(options.scenarios));
    return 0;
  }
  const scope = new Scope("bench");
  const stop = new AbortController();
  // Without a reader (| head) nobody wants the rest, and what was started must end all the same.
  const unread = once(process.stdout, "error", stop);
  const interrupted = Promise.race([once(process, "SIGINT", stop), once(process, "SIGTERM", stop), unread]).then(
    () => "interrupted" as const,
  );
  const work = bench(scope, options).then(() => "done" as const);
  try {
    return (await Promise.race([work, interrupted])) === "done" ? 0 : 130;
  } finally {
    await scope.close();
    // The listeners that wait for signals reject; both promises have been raced, so nobody misses that.
    stop.abort();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
// After Ctrl-C a scenario may still wait for a clock.
process.exit();
