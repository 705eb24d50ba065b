/** What a node tells about itself when another one asks: plain numbers. */

/** The figures of a node. */
export interface NodeFigures {
  /** Seconds. */
  readonly uptime: number;
  /** People's sessions, those of absent people included. */
  readonly sessions: number;
  /** Sessions of absent people. */
  readonly away: number;
  readonly connections: number;
  readonly loggedIn: number;
  /** Programs of students that run at present. */
  readonly running: number;
  /** Jails, spares included. */
  readonly jails: number;
  /** Resident bytes of the process, without its jails. */
  readonly memory: number;
  /** Bytes of that on the JavaScript heap. */
  readonly heap: number;
  /** Seconds of processor time since the start. */
  readonly cpu: number;
  /** Delay of timers in the last minutes, seconds: the median ... */
  readonly delayP50: number;
  /** ... the 99th percentile ... */
  readonly delayP99: number;
  /** ... and the maximum. */
  readonly delayMax: number;
  /** Lines of the log lost since the start. */
  readonly logLost: number;
}

/** Names of all figures. */
export const figureNames = [
  "uptime",
  "sessions",
  "away",
  "connections",
  "loggedIn",
  "running",
  "jails",
  "memory",
  "heap",
  "cpu",
  "delayP50",
  "delayP99",
  "delayMax",
  "logLost",
] as const satisfies readonly (keyof NodeFigures)[];

/** The figures in a value; undefined for anything else. A figure that an older version does not send is 0. */
export function parseFigures(value: unknown): NodeFigures | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const given = value as Readonly<Record<string, unknown>>;
  const figure = (name: string): number =>
    typeof given[name] === "number" && Number.isFinite(given[name]) ? given[name] : 0;
  return Object.fromEntries(figureNames.map((name) => [name, figure(name)])) as Record<keyof NodeFigures, number>;
}
