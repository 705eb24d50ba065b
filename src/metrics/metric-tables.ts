/** Every metric: its name by Prometheus's conventions, its help, its labels. The values of labels are bounded, and never name a person. */
import type { timings } from "../base/measures.ts";

/** A kind of duration as a histogram: name, help, upper bounds of its buckets in seconds. */
type Histogram = readonly [name: string, help: string, buckets: readonly number[]];

/** The histograms. */
export const histogramTable: Readonly<Record<keyof typeof timings, Histogram>> = {
  login: [
    "classh_login_duration_seconds",
    "Time from a right password or signature to the answer.",
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  ],
  firstPaint: [
    "classh_first_paint_seconds",
    "Time from the request for a shell to the first frame.",
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  ],
  keyToFrame: [
    "classh_key_to_frame_seconds",
    "Time from a key to the frame that follows it.",
    [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1],
  ],
  runStart: [
    "classh_run_start_seconds",
    "Time from F5 until the program runs.",
    [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
  ],
  lockWait: [
    "classh_lock_wait_seconds",
    "Time from asking for a lock to having it.",
    [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
  ],
  statement: [
    "classh_database_statement_seconds",
    "Time of a statement of the database.",
    [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 10],
  ],
  jailStart: [
    "classh_jail_start_seconds",
    "Time from starting a jail until its Python is ready.",
    [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
  ],
};

/** A value that is read at each scrape. */
interface Read {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  /** A counter is read, too, where something else counts. */
  readonly type?: "counter";
  /** Whether one process reports it for the whole server. */
  readonly shared?: true;
}

/** What is read at each scrape. */
export const readTable = {
  build: { name: "classh_build_info", help: "The version of classh; the value is 1.", labels: ["version"] },
  startTime: { name: "process_start_time_seconds", help: "When the process started, in seconds since the epoch." },
  cpu: { name: "process_cpu_seconds_total", help: "Processor time of the process.", type: "counter" },
  openFiles: { name: "process_open_fds", help: "Open file descriptors of the process." },
  maxFiles: { name: "process_max_fds", help: "Most file descriptors that the process may have." },
  heap: { name: "classh_heap_bytes", help: "Memory on the JavaScript heap of the process." },
  memory: {
    name: "classh_memory_bytes",
    help: "Memory that the processes of a part have for themselves, without what they share with others.",
    labels: ["part"],
  },
  delayP99: {
    name: "classh_event_loop_delay_p99_seconds",
    help: "99th percentile of the delay of timers in the last minutes.",
  },
  delayMax: { name: "classh_event_loop_delay_max_seconds", help: "Worst delay of timers in the last minutes." },
  sessions: {
    name: "classh_sessions",
    help: "Sessions: active (a key within 5 minutes), idle, or away (kept for somebody who has no terminal on it).",
    labels: ["state"],
  },
  connections: { name: "classh_connections", help: "SSH connections, before and after the login.", labels: ["state"] },
  runs: {
    name: "classh_runs",
    help: "Programs that run, in the IDE or as a command.",
    labels: ["place"],
  },
  jails: { name: "classh_jails", help: "Jails, including prompts and spare ones." },
  spareJails: { name: "classh_spare_jails", help: "Jails that are ready for the next run of somebody in the IDE." },
  queue: { name: "classh_queue_length", help: "What waits, by the queue that it waits in.", labels: ["queue"] },
  lease: {
    name: "classh_lease_age_seconds",
    help: "Time since the database last prolonged the lease of the process, on which its locks depend.",
  },
  databaseUp: { name: "classh_database_up", help: "Whether the database answers the process." },
  jailAvailable: { name: "classh_jail_available", help: "Whether programs can be run." },
  logLost: {
    name: "classh_log_lines_lost_total",
    help: "Log lines that could be neither written nor kept for later.",
    type: "counter",
  },
  crowdedHomes: {
    name: "classh_crowded_homes",
    help: "Homes with more than nine tenths of their bytes or files in use, among those that the process counted lately.",
  },
  homeQuota: { name: "classh_home_quota_bytes", help: "Bytes that a home may have.", shared: true },
  diskFree: { name: "classh_disk_free_bytes", help: "Free bytes for the data directory.", shared: true },
  diskSize: { name: "classh_disk_size_bytes", help: "Size of the disk with the data directory.", shared: true },
  diskInodes: {
    name: "classh_disk_free_inodes",
    help: "Free inodes for the data directory, where the file system counts them.",
    shared: true,
  },
  diskReserve: {
    name: "classh_disk_reserve_bytes",
    help: "Free bytes below which programs don't start and nothing new is made.",
    shared: true,
  },
  memoryAvailable: {
    name: "classh_memory_available_bytes",
    help: "Memory that is left for the server: of the machine, or of its control group.",
    shared: true,
  },
  backupAge: {
    name: "classh_backup_age_seconds",
    help: "Time since the newest backup was begun, or since the start of the server while there is none.",
    shared: true,
  },
  backupFailed: {
    name: "classh_backup_failed",
    help: "Whether the last attempt to make a backup failed, or the backups can't be listed.",
    shared: true,
  },
} as const satisfies Readonly<Record<string, Read>>;

/** What is read, by what the table calls it. */
export type ReadName = keyof typeof readTable;

/** One value that was read. */
export interface Reading {
  readonly name: ReadName;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The counters of events. */
export const counterTable = {
  refusals: {
    name: "classh_refusals_total",
    help: "What somebody asked for and did not get, by the code of the error.",
    labels: ["reason"],
  },
  bugs: { name: "classh_unexpected_errors_total", help: "Bugs that were logged, each under an id.", labels: [] },
  restarts: {
    name: "classh_restarts_total",
    help: "Parts of the server that ended unasked and were started again.",
    labels: ["part"],
  },
} as const;
