/** What a node tells about itself when another one asks: plain numbers. */

export interface NodeFigures {
  /** Seconds. */
  readonly uptime: number;
  /** People's sessions, absent people's included. */
  readonly sessions: number;
  /** Sessions whose person is away. */
  readonly away: number;
  readonly connections: number;
  readonly loggedIn: number;
  /** Programs of students that run right now. */
  readonly running: number;
  /** Jails, those in reserve included. */
  readonly jails: number;
  /** Bytes that the process takes (its jails not included). */
  readonly memory: number;
  /** Bytes of that on the heap of JavaScript. */
  readonly heap: number;
  /** Seconds of processor time since the start. */
  readonly cpu: number;
  /** Seconds by which timers were late, in the last minutes: the median ... */
  readonly delayP50: number;
  /** ... and 99 of 100 ... */
  readonly delayP99: number;
  /** ... and the worst. */
  readonly delayMax: number;
  /** Lines of the log that could not be kept since the start. */
  readonly logLost: number;
}

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

/** Undefined for what is none; a figure that another version does not know is 0. */
export function parseFigures(value: unknown): NodeFigures | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const given = value as Readonly<Record<string, unknown>>;
  const figure = (name: string): number =>
    typeof given[name] === "number" && Number.isFinite(given[name]) ? given[name] : 0;
  return Object.fromEntries(figureNames.map((name) => [name, figure(name)])) as Record<keyof NodeFigures, number>;
}
