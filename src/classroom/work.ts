/** What a student is doing, as the session writes it to live_sessions.detail and the class view shows it. */

/**
 * What a student is doing. "error": the last run failed, and no key was pressed for a while. "running": also while a
 * program waits for input.
 */
export type Activity = "typing" | "running" | "error" | "idle" | "away";

/** How the last run of a program ended. */
export interface LastRun {
  readonly file: string;
  /** The outcome in a word or two: "ok", "error", "exit 3", "timed out", "out of memory". */
  readonly outcome: string;
  readonly ok: boolean;
  /** When it ended, in milliseconds since the epoch like all times here. */
  readonly at: number;
}

/** A student's work, as one node tells it to the others. */
export interface StudentWork {
  readonly activity: Activity;
  /** Since when, in milliseconds since the epoch. */
  readonly since: number;
  /**
   * The error of the last failed run, in one line of at most 200 characters, and how many runs in a row ended with it.
   */
  readonly error: { readonly text: string; readonly times: number } | null;
  readonly run: LastRun | null;
}

const activities: ReadonlySet<unknown> = new Set<Activity>(["typing", "running", "error", "idle", "away"]);

/** Reads what another node wrote; undefined for anything else, as from an older version. */
export function parseWork(value: unknown): StudentWork | undefined {
  if (!isRecord(value)) return undefined;
  const { activity, since, error, run } = value;
  if (!activities.has(activity) || typeof since !== "number") return undefined;
  return { activity: activity as Activity, since, error: parseError(error), run: parseRun(run) };
}

function parseError(value: unknown): StudentWork["error"] {
  if (!isRecord(value) || typeof value.text !== "string" || typeof value.times !== "number") return null;
  return { text: value.text, times: value.times };
}

function parseRun(value: unknown): LastRun | null {
  if (!isRecord(value)) return null;
  const { file, outcome, ok, at } = value;
  if (typeof file !== "string" || typeof outcome !== "string" || typeof ok !== "boolean" || typeof at !== "number")
    return null;
  return { file, outcome, ok, at };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
