/** metrics: the figures of all processes, for people, for scripts and for monitoring. */
import { figureNames, type NodeFigures } from "../../cluster/node-figures.ts";
import { logBug } from "../../base/error-report.ts";
import { UserError } from "../../base/errors.ts";
import { answer, type Command, type CommandContext } from "../command.ts";
import { ownFigures } from "../own-figures.ts";
import { table } from "../table.ts";

/** A process and its figures. */
export interface Measured {
  readonly node: string;
  /** Undefined when the process does not answer. */
  readonly figures: NodeFigures | undefined;
}

/** The command `metrics`. */
export const metricsCommand: Command = {
  name: "metrics",
  summary: "Show the server's figures: sessions, connections, programs, memory, delays",
  options: { openmetrics: { type: "boolean", doc: "print the text format that Prometheus and others read" } },
  permission: "status",
  json: true,
  shape: `{
  nodes: {
    node: text, answers: boolean, uptime: seconds, sessions: number, away: number, connections: number, loggedIn: number, running: number,
    jails: number, memory: bytes, heap: bytes, cpu: seconds, delayP50: seconds, delayP99: seconds, delayMax: seconds,
    logLost: number
  }[],
  total: { sessions: number, away: number, connections: number, loggedIn: number, running: number, memory: bytes }
}`,
  details: `A line for each process. RUNNING counts students' programs right now; DELAY is how long keys had to wait for something else in the \
last minutes (median, 99th percentile, worst). For Prometheus, from cron: ssh admin@host metrics --openmetrics > DIR/classh.prom`,
  async run(context, input) {
    if (input.flag("openmetrics") && input.flag("json"))
      throw new UserError("usage", "--openmetrics and --json can't be combined", "Choose one of them.");
    const measured = await figuresOfAll(context);
    if (input.flag("openmetrics")) return answer(undefined, openMetrics(measured));
    const rows = measured.map(({ node, figures }) => (figures ? row(node, figures) : [node, "does not answer"]));
    const header = ["NODE", "UP", "SESSIONS", "AWAY", "CONNECTIONS", "RUNNING", "JAILS", "MEMORY", "CPU", "DELAY"];
    return answer(documentOf(measured), table(header, rows, "No process is serving this class."));
  },
};

/** The figures of all nodes, asked at once; without a database only this one is known. */
export async function figuresOfAll(context: Pick<CommandContext, "services" | "log">): Promise<readonly Measured[]> {
  const { cluster } = context.services;
  const own: Measured = { node: cluster.name, figures: ownFigures(context.services) };
  try {
    const nodes = await cluster.nodes();
    const asked = nodes.map(async (node): Promise<Measured> => {
      if (node.node === cluster.node) return own;
      const figures = await cluster.figures(node).catch((error: unknown) => {
        logBug(error, context.log, { node: node.name });
        return undefined;
      });
      return { node: node.name, figures };
    });
    return asked.length === 0 ? [own] : await Promise.all(asked);
  } catch (error) {
    if (error instanceof UserError && error.code === "database-unavailable") return [own];
    throw error;
  }
}

function row(node: string, figures: NodeFigures): readonly string[] {
  const { uptime, sessions, away, connections, loggedIn, running, jails, memory, cpu, delayP50, delayP99, delayMax } =
    figures;
  const delay = [delayP50, delayP99, delayMax].map((seconds) => (seconds * 1000).toFixed(1)).join(" / ");
  return [
    node,
    `${Math.round(uptime)} s`,
    String(sessions),
    String(away),
    `${connections} (${loggedIn} in)`,
    String(running),
    String(jails),
    `${Math.round(memory / 2 ** 20)} MiB`,
    `${cpu.toFixed(1)} s`,
    `${delay} ms`,
  ];
}

const added = [
  "sessions",
  "away",
  "connections",
  "loggedIn",
  "running",
  "memory",
] as const satisfies readonly (keyof NodeFigures)[];

function documentOf(measured: readonly Measured[]): object {
  const total = Object.fromEntries(
    added.map((name) => [name, measured.reduce((sum, { figures }) => sum + (figures?.[name] ?? 0), 0)]),
  );
  const zero = Object.fromEntries(figureNames.map((name) => [name, 0]));
  return {
    nodes: measured.map(({ node, figures }) => ({ node, answers: figures !== undefined, ...(figures ?? zero) })),
    total,
  };
}

/**
 * The name, kind, unit and meaning of each figure, as OpenMetrics 1.0 wants them: a counter's samples end in _total.
 */
const exposed = {
  uptime: ["uptime_seconds", "gauge", "Time since the process started."],
  sessions: ["sessions", "gauge", "Sessions, including those of absent people."],
  away: ["sessions_away", "gauge", "Sessions whose person is away."],
  connections: ["connections", "gauge", "Open SSH connections."],
  loggedIn: ["connections_logged_in", "gauge", "SSH connections that have logged in."],
  running: ["programs_running", "gauge", "Students' programs that are running."],
  jails: ["jails", "gauge", "Jails, including those in reserve."],
  memory: ["memory_bytes", "gauge", "Resident memory of the process."],
  heap: ["heap_bytes", "gauge", "Memory on the JavaScript heap."],
  cpu: ["cpu_seconds", "counter", "Processor time of the process."],
  delayP50: ["event_loop_delay_p50_seconds", "gauge", "Median delay of timers in the last minutes."],
  delayP99: ["event_loop_delay_p99_seconds", "gauge", "99th percentile of the delay of timers in the last minutes."],
  delayMax: ["event_loop_delay_max_seconds", "gauge", "Worst delay of timers in the last minutes."],
  logLost: ["log_lines_lost", "counter", "Log lines that could be neither written nor kept for later."],
} as const satisfies Record<keyof NodeFigures, readonly [string, "gauge" | "counter", string]>;

function openMetrics(measured: readonly Measured[]): string {
  const up = family(
    "up",
    "gauge",
    "Whether the process answers.",
    measured.map((each) => `${label(each)} ${each.figures ? 1 : 0}`),
  );
  const families = figureNames.map((figure) => {
    const [name, kind, help] = exposed[figure];
    return family(
      name,
      kind,
      help,
      measured.flatMap((each) => (each.figures ? [`${label(each)} ${each.figures[figure]}`] : [])),
    );
  });
  return `${up}${families.join("")}# EOF\n`;
}

function family(name: string, kind: "gauge" | "counter", help: string, samples: readonly string[]): string {
  const suffix = kind === "counter" ? "_total" : "";
  return `# TYPE classh_${name} ${kind}\n# HELP classh_${name} ${help}\n${samples.map((sample) => `classh_${name}${suffix}${sample}\n`).join("")}`;
}

function label({ node }: Measured): string {
  return `{node="${node.replaceAll(/["\\\n]/g, "_")}"}`;
}
