/** Much data through `run` over exec, to a program and from one, beside the same program over sshd. */
import type { Scope } from "../../src/base/scope.ts";
import { Worker } from "../base/worker.ts";
import type { TransferCalls, TransferRequest } from "../clients/transfer-client.ts";
import type { BenchOptions } from "../options.ts";
import { row, type ScenarioReport } from "../report.ts";
import { startClassh } from "../servers/classh.ts";
import { startSshdIfPossible } from "../servers/peers.ts";
import type { BenchServer } from "../servers/target.ts";
import { median } from "../statistics.ts";
import { cheapHashes } from "./echo.ts";

/** Writes so many bytes, or counts those that it reads. */
const program = `import sys
count = int(sys.argv[1])
piece = b"0123456789abcde\\n" * 4096
while count > 0:
    sys.stdout.buffer.write(piece[:count])
    count -= len(piece)
while sys.stdin.buffer.read(1 << 16):
    pass
`;

const sshdName = "sshd, python3 FILE";

type What = "empty" | "from" | "to";
type Times = Readonly<Record<What, readonly number[]>>;

export async function transfer(parent: Scope, options: BenchOptions): Promise<ScenarioReport> {
  const megabytes = options.quick ? 1 : 8;
  const rounds = options.quick ? 1 : 5;
  await using scope = parent.child("transfer");
  const classh = scope.own(
    await startClassh(scope, {
      accounts: 1,
      login: "key",
      file: program,
      profile: options.profile,
      settings: {
        ...cheapHashes,
        CLASSH_LIMITS_RUNS_PER_MINUTE: "1000",
        // What a program prints is slowed down on purpose; here it is to be as fast as it can.
        CLASSH_LIMITS_OUTPUT_KIBIBYTES_PER_SECOND: "1000000",
      },
    }),
  );
  const sshd = await startSshdIfPossible(scope, {
    name: sshdName,
    sessions: 1,
    login: "key",
    file: program,
    command: `eval "exec $SSH_ORIGINAL_COMMAND"`,
  });
  const measure = { megabytes, rounds };
  const ours = await measureServer(scope, classh, { ...measure, command: "run welcome.py" });
  const peers = new Map<string, Times>();
  if (!("absent" in sshd))
    peers.set(
      sshdName,
      await measureServer(scope, scope.own(sshd), { ...measure, command: "/usr/bin/python3 welcome.py" }),
    );
  const line = (text: string, what: What) =>
    row(text, "ms", { classh: ours, peers, pick: (times: Times) => median(times[what]) });
  return {
    scenario: "transfer",
    title: `transfer: a program over exec, from the command to its exit status, medians of ${rounds}`,
    peers: [sshdName],
    absent: "absent" in sshd ? { [sshdName]: sshd.absent } : {},
    rows: [
      line("a program that does nothing", "empty"),
      line(`${megabytes} MB from a program`, "from"),
      line(`${megabytes} MB to a program`, "to"),
    ],
    details: { megabytes, rounds, classh: ours, peers: Object.fromEntries(peers) },
  };
}

async function measureServer(
  parent: Scope,
  server: BenchServer,
  { command, megabytes, rounds }: { readonly command: string; readonly megabytes: number; readonly rounds: number },
): Promise<Times> {
  await using scope = parent.child("transfer-client");
  const [target] = server.targets;
  if (!target) throw new Error("there is no account");
  const client = scope.own(new Worker<TransferCalls>(new URL("../clients/transfer-client.ts", import.meta.url)));
  await client.call("logIn", target);
  const bytes = megabytes * 1e6;
  const requests: Readonly<Record<What, TransferRequest>> = {
    empty: { command: `${command} 0`, send: 0, receive: 0 },
    from: { command: `${command} ${bytes}`, send: 0, receive: bytes },
    to: { command: `${command} 0`, send: bytes, receive: 0 },
  };
  const times: Record<What, number[]> = { empty: [], from: [], to: [] };
  for (let round = 0; round < rounds; round++)
    for (const what of ["empty", "from", "to"] as const) times[what].push(await client.call("give", requests[what]));
  return times;
}
