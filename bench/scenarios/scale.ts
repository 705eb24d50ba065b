/** A large college on one small machine: a thousand people are logged in, a quarter of them types. */
import type { Scope } from "../../src/base/scope.ts";
import type { BenchOptions } from "../options.ts";
import type { ScenarioReport } from "../report.ts";
import { startClassh } from "../servers/classh.ts";
import { cheapHashes, measureTyping, rows } from "./echo.ts";

const share = 0.25;

export async function scale(parent: Scope, options: BenchOptions): Promise<ScenarioReport> {
  const sessions = options.quick ? 6 : 1000;
  const times = options.quick
    ? { idle: 0.5, cold: 1, between: 0, warm: 1 }
    : { idle: 20, cold: 10, between: 50, warm: 20 };
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
  const figures = await measureTyping(scope, server, { times, share });
  return {
    scenario: "scale",
    title: `scale: ${sessions} sessions, ${Math.round(sessions * share)} of them typing 5 keys a second; cold: the first ${times.cold} s of it, warm: ${times.warm} s after ${times.cold + times.between} s`,
    size: sessions,
    rows: rows(figures, new Map()),
    details: { sessions, times, classh: figures },
  };
}
