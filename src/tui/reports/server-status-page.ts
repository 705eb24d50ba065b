/** How the server is doing: its parts, its processes, and what took long in the last ten minutes. */
import { counted } from "../../base/counted.ts";
import { minuteText } from "../../base/time-text.ts";
import { serverStatusKeys } from "../../commands/keys/report-keys.ts";
import { uptimeText, type ServerOverview } from "../../commands/server-state.ts";
import type { CellStyle } from "../../terminal/draw/cell-style.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import { fitEnd } from "../views/fit.ts";
import { hintOf } from "../views/hint-line.ts";
import type { ScrollList } from "../views/scroll-list.ts";
import { bold, dim, error, plain, warning } from "../views/styles.ts";
import type { ReportPage } from "./report-page.ts";

const everyMs = 3000;
const labelColumns = 11;

/** A line of the page, from left to right. */
type Line = readonly { readonly text: string; readonly style: CellStyle; readonly width?: number }[];

/** The screen with the state of the server. */
export class ServerStatusPage implements ReportPage {
  readonly title = "server";
  readonly permission = "doctor";
  readonly keys = serverStatusKeys;
  readonly hints = [hintOf(serverStatusKeys, "help"), hintOf(serverStatusKeys, "back")];
  readonly everyMs = everyMs;
  readonly #read: () => Promise<ServerOverview>;
  #lines: readonly Line[] = [];

  constructor(read: () => Promise<ServerOverview>) {
    this.#read = read;
  }

  async read(): Promise<void> {
    const overview = await this.#read();
    this.#lines = [...parts(overview), [], ...processes(overview), [], ...slowest(overview)];
  }

  run(): boolean {
    return false;
  }

  draw(surface: Surface, list: ScrollList): { readonly rows: number; readonly visible: number } {
    const { width, height } = surface;
    list.clampTop(this.#lines.length, height);
    for (let row = 0; row < height; row++) {
      let column = 1;
      for (const { text, style, width: own = width } of this.#lines[list.top + row] ?? []) {
        surface.put(row, column, fitEnd(text, Math.min(own, width - column - 1)), style);
        column += own + 2;
      }
    }
    return { rows: this.#lines.length, visible: height };
  }
}

function parts({ state, processes: all, freeMemory, disk, log, backups }: ServerOverview): readonly Line[] {
  const total = (figure: "away" | "running" | "jails" | "connections" | "memory"): number =>
    all.reduce((sum, { figures }) => sum + (figures?.[figure] ?? 0), 0);
  const free = freeMemory === undefined ? "" : ` · ${mebibytes(freeMemory)} free on this machine`;
  return [
    fact("Server", `classh ${state.version} · up ${uptimeText(state.uptime)} · listens on ${state.listen}`),
    state.database === "up" ? fact("Database", "up") : fact("Database", "✗ does not answer", error),
    state.jail ? fact("Jail", "ready") : fact("Jail", "✗ missing: programs can't be run; doctor says why", error),
    fact(
      "People",
      `${state.sessions} in the IDE (${total("away")} away) · ${counted(total("connections"), "connection")} · ${total("running")} running · ${counted(total("jails"), "jail")}`,
    ),
    fact("Memory", `${mebibytes(total("memory"))} of ${counted(state.nodes, "process", "processes")}${free}`),
    diskFact(disk),
    backupFact(state.backup, backups),
    log?.failing === undefined
      ? fact("Log", `being written${log && log.lost > 0 ? `; ${counted(log.lost, "line")} lost` : ""}`)
      : fact("Log", `! can't be written (${log.failing})`, warning),
  ];
}

function diskFact({ free, short }: ServerOverview["disk"]): Line {
  if (!free) return fact("Disk", "the system does not say how much is free");
  const inodes = free.inodes === undefined ? "" : ` · ${free.inodes.toLocaleString("en")} inodes`;
  const text = `${mebibytes(free.bytes)}${inodes} free`;
  return short ? fact("Disk", `✗ ${text}: too little; programs don't start`, error) : fact("Disk", text);
}

function backupFact(trouble: string | null, { made, last }: ServerOverview["backups"]): Line {
  if (trouble !== null) return fact("Backup", `! ${trouble}`, warning);
  if (last) return fact("Backup", `the newest is of ${minuteText(last)}`);
  return made
    ? fact("Backup", "none has been made yet")
    : fact("Backup", "! none are made: set backup.directory", warning);
}

function fact(name: string, text: string, style: CellStyle = plain): Line {
  return [
    { text: name, style: bold, width: labelColumns },
    { text, style },
  ];
}

interface Column {
  readonly title: string;
  readonly width: number;
}

const columns: readonly Column[] = [
  { title: "PROCESS", width: 16 },
  { title: "UP", width: 10 },
  { title: "PEOPLE", width: 6 },
  { title: "RUNNING", width: 7 },
  { title: "JAILS", width: 5 },
  { title: "MEMORY", width: 9 },
  { title: "DELAY (ms)", width: 16 },
  { title: "CONNECTIONS", width: 11 },
  { title: "CPU", width: 10 },
  { title: "AWAY", width: 5 },
  { title: "LOG LOST", width: 8 },
];

function processes({ processes: all, draining }: ServerOverview): readonly Line[] {
  const rows = all.map(({ node, figures }) => {
    const name = { text: draining.has(node) ? `${node} (draining)` : node, style: bold, width: 16 };
    if (!figures) return [name, { text: "✗ does not answer", style: error }];
    const {
      uptime,
      sessions,
      away,
      connections,
      loggedIn,
      running,
      jails,
      memory,
      cpu,
      delayP50,
      delayP99,
      delayMax,
      logLost,
    } = figures;
    const delays = [delayP50, delayP99, delayMax].map((seconds) => (seconds * 1000).toFixed(0)).join(" / ");
    const texts = [
      uptimeText(uptime),
      String(sessions),
      String(running),
      String(jails),
      mebibytes(memory),
      delays,
      `${connections} (${loggedIn} in)`,
      `${cpu.toFixed(0)} s`,
      String(away),
      String(logLost),
    ];
    return [name, ...texts.map((text, index) => ({ text, style: plain, width: columns[index + 1]?.width ?? 8 }))];
  });
  return [columns.map(({ title, width }) => ({ text: title, style: dim, width })), ...rows];
}

function slowest({ slowest: things }: ServerOverview): readonly Line[] {
  const title: Line = [{ text: "SLOWEST IN THE LAST TEN MINUTES", style: dim }];
  if (things.length === 0) return [title, [{ text: "nothing took long", style: dim }]];
  return [
    title,
    ...things.map(({ what, seconds, node, ago }) => [
      { text: durationText(seconds), style: seconds >= 1 ? warning : plain, width: 10 },
      { text: what, style: bold, width: 26 },
      { text: node, style: plain, width: 20 },
      { text: `${agoText(ago)} ago`, style: dim },
    ]),
  ];
}

function durationText(seconds: number): string {
  const text = seconds < 1 ? `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms` : `${seconds.toFixed(2)} s`;
  return `${seconds >= 1 ? "! " : ""}${text}`;
}

function agoText(seconds: number): string {
  return seconds < 60 ? counted(Math.round(seconds), "second") : counted(Math.floor(seconds / 60), "minute");
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20).toLocaleString("en")} MiB`;
}
