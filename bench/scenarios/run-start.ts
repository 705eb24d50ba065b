/** How long a person waits for the first line of a program, beside the same program under a bare Python. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Scope } from "../../src/base/scope.ts";
import { temporaryDirectory } from "../base/temporary.ts";
import { Worker } from "../base/worker.ts";
import type { BarePythonCalls } from "../clients/bare-python.ts";
import type { RunnerClientCalls } from "../clients/runner-client.ts";
import type { BenchOptions } from "../options.ts";
import type { ScenarioReport } from "../report.ts";
import { startClassh } from "../servers/classh.ts";
import { benchWord } from "../servers/target.ts";
import { median, percentile } from "../statistics.ts";

/** Prints one line, another one each time, so that it is seen also where the last run's line was. `time` is built in. */
const program = `import time
print("output", time.monotonic_ns())
# ${benchWord}
`;
/** The default of runner.python, so that both run the same interpreter. */
const python = "/usr/bin/python3";
const prompt = ">>>";
/** A person looks at the output before pressing F5 again; meanwhile the next jail gets ready. */
const pauseMs = 600;
const limit = 15_000;

export async function runStart(parent: Scope, options: BenchOptions): Promise<ScenarioReport> {
  const count = options.quick ? 3 : 25;
  await using scope = parent.child("run-start");
  const settings = { CLASSH_ACCOUNTS_BCRYPT_COST: "4", CLASSH_LIMITS_RUNS_PER_MINUTE: "1000" };
  const server = scope.own(
    await startClassh(scope, { accounts: 1, login: "key", settings, file: program, profile: options.profile }),
  );
  const file = join(await temporaryDirectory(scope, "python"), "welcome.py");
  await writeFile(file, program);
  const bare = scope.own(new Worker<BarePythonCalls>(new URL("../clients/bare-python.ts", import.meta.url)));
  const ide = scope.own(new Worker<RunnerClientCalls>(new URL("../clients/runner-client.ts", import.meta.url)));
  const [target] = server.targets;
  if (!target) throw new Error("there is no account");
  await ide.call("logIn", { target, texts: [benchWord, prompt] }, limit);
  const classhTimes: number[] = [];
  const bareTimes: number[] = [];
  for (let i = 0; i < count; i++) {
    await delay(pauseMs);
    classhTimes.push(await ide.call("run", { output: /output \d+/g, prompt }, limit));
    await delay(pauseMs);
    bareTimes.push(await bare.call("run", { python, file }, limit));
  }
  return {
    scenario: "run-start",
    title: `run-start: F5 to the first output on the screen, ${count} runs, alternating with python3 FILE`,
    peer: "python3 FILE",
    rows: [
      { what: "first output, median", unit: "ms", classh: median(classhTimes), peer: median(bareTimes) },
      { what: "first output, p90", unit: "ms", classh: percentile(classhTimes, 90), peer: percentile(bareTimes, 90) },
    ],
    details: { classh: classhTimes, python: bareTimes },
  };
}
