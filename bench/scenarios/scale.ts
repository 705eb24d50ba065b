/** A large college on one small machine: a thousand people are logged in, a quarter of them types. */
import type { Scope } from "../../src/base/scope.ts";
import type { BenchOptions } from "../options.ts";
import type { ScenarioReport } from "../report.ts";
import { startClassh } from "../servers/classh.ts";
import { cheapHashes, measureTyping, rows } from "./echo.ts";

const share = 0.25;

export async function scale(parent: Scope, options: BenchOptions): Promise<ScenarioReport> {
  const sessions = options.quick ? 10 : 1000;
  const seconds = options.quick ? 1 : 20;
  await using scope = parent.child("scale");
  const settings = {
    ...cheapHashes,
    // One address makes all these connections, within a minute or two.
    CLASSH_SSH_CONNECTIONS_PER_MINUTE: "100000",
    CLASSH_LIMITS_SESSIONS: String(sessions + 100),
  };
  const server = scope.own(
    await startClassh(scope, {
      accounts: sessions,
      login: "key",
      settings,
      profile: options.profile,
      workers: options.workers,
    }),
  );
  const figures = await measureTyping(scope, server, { seconds, share });
  return {
    scenario: "scale",
    title: `scale: ${sessions} sessions, ${Math.round(sessions * share)} of them typing 5 keys a second for ${seconds} s`,
    rows: rows(figures, undefined),
    details: { sessions, seconds, classh: figures },
  };
}
