/** How long a person waits for the first line of a program, beside the same program in a shell of sshd, and under a bare Python. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Scope } from "../../src/base/scope.ts";
import { temporaryDirectory } from "../base/temporary.ts";
import { Worker } from "../base/worker.ts";
import type { BarePythonCalls } from "../clients/bare-python.ts";
import type { RunnerClientCalls } from "../clients/runner-client.ts";
import type { BenchOptions } from "../options.ts";
import { row, type Row, type ScenarioReport } from "../report.ts";
import { startClassh } from "../servers/classh.ts";
import { startSshdIfPossible } from "../servers/peers.ts";
import { benchWord, type BenchServer } from "../servers/target.ts";
import { median, percentile } from "../statistics.ts";

/** Prints one line, another one each time, so that it is seen also where the last run's line was. `time` is built in. */
const program = `import time
print("output", time.monotonic_ns())
# ${benchWord}
`;
/** The default of runner.python, so that all run the same interpreter. */
const python = "/usr/bin/python3";
const prompt = ">>>";
/** A person looks at the output before starting it again; meanwhile the next jail gets ready. */
const pauseMs = 600;

const bareName = "python3 FILE";
const sshdName = "sshd, python3 FILE";

/** Starts the program once; resolves with the milliseconds to its first output. */
type Start = () => Promise<number>;

export async function runStart(parent: Scope, options: BenchOptions): Promise<ScenarioReport> {
  const count = options.quick ? 3 : 25;
  await using scope = parent.child("run-start");
  const settings = { CLASSH_ACCOUNTS_BCRYPT_COST: "4", CLASSH_LIMITS_RUNS_PER_MINUTE: "1000" };
  const classh = scope.own(
    await startClassh(scope, { accounts: 1, login: "key", settings, file: program, profile: options.profile }),
  );
  const sshd = await startSshdIfPossible(scope, {
    name: sshdName,
    sessions: 1,
    login: "key",
    file: program,
    command: `exec env 'PS1=${prompt} ' /bin/sh -i`,
  });
  const starts = new Map<string, Start>([
    ["classh", await onScreen(scope, classh, { keys: "\x1b[15~", texts: [benchWord, prompt] })],
    [bareName, await bare(scope)],
  ]);
  if (!("absent" in sshd))
    starts.set(sshdName, await onScreen(scope, scope.own(sshd), { keys: `${python} welcome.py\r`, texts: [prompt] }));
  const times = await inTurns(starts, count);
  return {
    scenario: "run-start",
    title: `run-start: F5, or Enter in a shell, to the first output on the screen, ${count} runs of each in turns`,
    peers: [bareName, sshdName],
    absent: "absent" in sshd ? { [sshdName]: sshd.absent } : {},
    rows: rows(times),
    details: Object.fromEntries(times),
  };
}

/** Each `count` times. Milliseconds. */
async function inTurns(starts: ReadonlyMap<string, Start>, count: number): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>([...starts.keys()].map((name) => [name, []]));
  for (let round = 0; round < count; round++) {
    for (const [name, start] of starts) {
      await delay(pauseMs);
      times.get(name)?.push(await start());
    }
  }
  return times;
}

function rows(times: ReadonlyMap<string, readonly number[]>): readonly Row[] {
  const peers = new Map(times);
  const classh = times.get("classh") ?? [];
  peers.delete("classh");
  return [
    row("first output, median", "ms", { classh, peers, pick: median }),
    row("first output, p90", "ms", { classh, peers, pick: (values) => percentile(values, 90) }),
  ];
}

async function onScreen(
  scope: Scope,
  server: BenchServer,
  { keys, texts }: { readonly keys: string; readonly texts: readonly string[] },
): Promise<Start> {
  const [target] = server.targets;
  if (!target) throw new Error("there is no account");
  const client = scope.own(new Worker<RunnerClientCalls>(new URL("../clients/runner-client.ts", import.meta.url)));
  await client.call("logIn", { target, texts });
  return () => client.call("run", { keys, output: /output \d+/g, prompt });
}

async function bare(scope: Scope): Promise<Start> {
  const file = join(await temporaryDirectory(scope, "python"), "welcome.py");
  await writeFile(file, program);
  const client = scope.own(new Worker<BarePythonCalls>(new URL("../clients/bare-python.ts", import.meta.url)));
  return () => client.call("run", { python, file });
}
