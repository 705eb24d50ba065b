import type { NodeFigures } from "../cluster/node-figures.ts";
import type { Services } from "./services.ts";

/** The figures of this process. */
export function ownFigures({
  sessions,
  runner,
  connections,
  clock,
  startedAt,
  eventLoop,
  logHealth,
}: Services): NodeFigures {
  const all = sessions.sessions;
  const { open, loggedIn } = connections();
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const { p50, p99, max } = eventLoop.delays;
  return {
    uptime: Math.max(0, (clock.now() - startedAt) / 1000),
    sessions: all.length,
    away: all.filter(({ attendance }) => attendance.awaySince !== undefined).length,
    connections: open,
    loggedIn,
    running: all.filter(({ console }) => console.activity === "running").length + runner.scriptCount,
    jails: runner.jailCount,
    memory: rss,
    heap: heapUsed,
    cpu: (user + system) / 1e6,
    delayP50: p50,
    delayP99: p99,
    delayMax: max,
    logLost: logHealth()?.lost ?? 0,
  };
}
