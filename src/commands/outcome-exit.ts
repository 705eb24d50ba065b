import { describe, exitStatusOf, type Outcome } from "../runner/outcome.ts";
import type { Exit } from "./command.ts";

/** The exit of a command that ran a program. What classh did to the program is said on standard error. */
export function exitOf(outcome: Outcome, stderr: NodeJS.WritableStream): Exit {
  const status = exitStatusOf(outcome);
  if (outcome.kind === "exited") return { kind: "exit", status };
  if (outcome.kind === "signalled") return { kind: "exit", status, signal: outcome.signal.replace(/^SIG/, "") };
  stderr.write(`classh: ${describe(outcome)}\n`);
  return { kind: "exit", status };
}
