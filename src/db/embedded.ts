/**
 * Theory of operation: PostgreSQL as a part of classh. The server is a detached process (a Ctrl-C at our terminal must
 * not stop it before us, and a kill -9 of us must not cost a commit), found again by its data directory:
 * `postmaster.pid` names process and socket. So starting means: adopt the server that answers, wait for the one that is
 * starting, or start one. The same loop restarts it when it dies. It listens on a socket only, in a directory of mode
 * 0700, and admits only our own operating system account.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { systemCode, UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { findBinaries, type Binaries } from "./binaries.ts";
import { databaseName, ensureCluster } from "./postgres-cluster.ts";
import { isConnectionFailure, sqlState } from "./database-failures.ts";
import { findPostmaster, stopPostmaster } from "./postmaster.ts";
import { makeSocketDirectory } from "./socket-directory.ts";

/** Where the embedded server is, and how it runs. */
export interface EmbeddedOptions {
  /**
   * The cluster's directory. Beside it are made DIRECTORY.log, DIRECTORY.lib and, if the path is short enough,
   * DIRECTORY.socket.
   */
  readonly directory: string;
  /** A directory that holds `postgres` and `initdb`, instead of the bundled programs. */
  readonly binaries?: string | undefined;
  readonly log: Log;
  /** Called when it had died, as the text says ("SIGKILL", "status 1"), and runs again. */
  readonly onRestart?: ((ended: string) => void) | undefined;
  /** False trades safety against power loss for speed: tests only. */
  readonly durable?: boolean;
}

/** The longest wait for a start; recovery after a crash reads at most 128 MB of log, which takes seconds. */
const startMs = 60_000;
const pollMs = 10;
const maxFailedStarts = 5;
const superviseMs = 1000;
const socketName = ".s.PGSQL.5432";
const maxPauseMs = 30_000;

/** The embedded server, started or adopted. Throws `database-failed` or `database-unsupported` with what to do. */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  if (process.getuid?.() === 0) {
    throw new UserError(
      "database-failed",
      "PostgreSQL refuses to run as root",
      "Start classh with bin/start, which changes to an ordinary account, or log in as one.",
    );
  }
  const directory = resolve(options.directory);
  const binaries = await findBinaries(options.binaries || undefined, `${directory}.lib`);
  await ensureCluster(directory, binaries, options.durable ?? true, options.log);
  const real = await realpath(directory);
  const socket = await makeSocketDirectory(real);
  const server = new EmbeddedPostgres(real, socket, binaries, options);
  try {
    await server.start();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/**
 * The URL of this cluster's server, if one runs, for another program beside it (a command on the server's own machine).
 * That one must not start a server, since whoever starts it also stops it.
 */
export async function findEmbeddedPostgres(directory: string): Promise<string | undefined> {
  const running = await findPostmaster(resolve(directory));
  return running?.socketDirectory && urlIn(running.socketDirectory, databaseName);
}

function urlIn(socketDirectory: string, database: string): string {
  return `postgresql://${databaseName}@/${encodeURIComponent(database)}?host=${encodeURIComponent(socketDirectory)}`;
}

/** The running server. Until it is disposed, which stops it, it is restarted whenever it dies. */
export class EmbeddedPostgres implements AsyncDisposable {
  readonly directory: string;
  readonly #binaries: Binaries;
  readonly #log: Log;
  readonly #durable: boolean;
  readonly #onRestart: ((ended: string) => void) | undefined;
  #socketDirectory: string;
  #pid: number | undefined;
  #adopted = false;
  /** How our own child last ended; the end of an adopted server is not reported to us. */
  #ended: string | undefined;
  #supervision: NodeJS.Timeout | undefined;
  /** Length of its log when it was last ready: what it says about its end comes after that. */
  #loggedBefore = 0;
  #busy: Promise<void> = Promise.resolve();

  constructor(
    directory: string,
    socketDirectory: string,
    binaries: Binaries,
    { log, durable, onRestart }: EmbeddedOptions,
  ) {
    this.directory = directory;
    this.#socketDirectory = socketDirectory;
    this.#binaries = binaries;
    this.#log = log;
    this.#durable = durable ?? true;
    this.#onRestart = onRestart;
  }

  /** The URL to connect to, for the account that started the server only. */
  get url(): string {
    return this.urlOf(databaseName);
  }

  /** The URL of another database on the same server. */
  urlOf(database: string): string {
    return urlIn(this.#socketDirectory, database);
  }

  /** Process id of the server; undefined while it does not run. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** Whether it was found running, left by a classh that was killed. */
  get adopted(): boolean {
    return this.#adopted;
  }

  /** Starts it again after `stop`; does nothing while it runs. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#bringUp();
      this.#supervise(superviseMs);
    });
  }

  /** Stops it until `start`. What was committed stays. Idempotent. */
  stop(): Promise<void> {
    clearTimeout(this.#supervision);
    return this.#inTurn(async () => {
      clearTimeout(this.#supervision);
      this.#supervision = undefined;
      const running = await findPostmaster(this.directory);
      if (running) await stopPostmaster(running.pid, this.directory, this.#log);
      this.#pid = undefined;
    });
  }

  /** Stops supervising, and leaves it running for somebody else. */
  leave(): Promise<void> {
    clearTimeout(this.#supervision);
    return this.#inTurn(() => {
      clearTimeout(this.#supervision);
      this.#supervision = undefined;
      return Promise.resolve();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#socketDirectory, { recursive: true, force: true });
  }

  /** One piece of work at a time: starting, stopping and supervision never overlap. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#busy.then(work);
    this.#busy = turn.catch(() => undefined); // the caller gets the error, and the next in turn is not affected
    return turn;
  }

  #supervise(pauseMs: number): void {
    clearTimeout(this.#supervision);
    this.#supervision = setTimeout(() => {
      void this.#inTurn(async () => {
        if (this.#supervision === undefined) return; // stopped while this waited for its turn
        this.#supervise(await this.#check(pauseMs));
      });
    }, pauseMs);
    this.#supervision.unref();
  }

  /** Restarts the server if it died or can't be reached; returns the pause until the next check, milliseconds. */
  async #check(pauseMs: number): Promise<number> {
    try {
      const running = await findPostmaster(this.directory);
      if (running && !(await this.#lostSocket(running))) return superviseMs;
      const ended = running ? "its socket was removed" : (this.#ended ?? "nobody saw how");
      const reason = reasonIn(await tail(this.#logFile, this.#loggedBefore));
      this.#log.warn("the database server died; starting it again", { pid: this.#pid, ended, reason });
      // It runs, but nobody can connect any more.
      if (running) await stopPostmaster(running.pid, this.directory, this.#log);
      await this.#bringUp();
      this.#ended = undefined;
      this.#onRestart?.(ended);
      return superviseMs;
    } catch (error) {
      this.#log.error("the database server does not start", { error });
      return Math.min(pauseMs * 2, maxPauseMs);
    }
  }

  /** Whether its socket, or the directory of it, was removed: then nobody can connect any more. */
  async #lostSocket({ socketDirectory }: { readonly socketDirectory: string | undefined }): Promise<boolean> {
    if (socketDirectory === undefined) return false; // it is still starting
    try {
      await stat(join(socketDirectory, socketName));
      return false;
    } catch (error) {
      return systemCode(error) === "ENOENT";
    }
  }

  async #bringUp(): Promise<void> {
    const began = performance.now();
    const logLength = await sizeOf(this.#logFile);
    let child: ChildProcess | undefined;
    for (let failures = 0; performance.now() - began < startMs; await sleep(pollMs)) {
      const running = await findPostmaster(this.directory);
      if (running?.socketDirectory) {
        const ready = await createDatabase(urlIn(running.socketDirectory, "postgres"), this.directory);
        if (!ready) continue;
        this.#socketDirectory = running.socketDirectory;
        this.#pid = running.pid;
        this.#adopted = child?.pid !== running.pid;
        this.#loggedBefore = await sizeOf(this.#logFile);
        this.#log.info("database server ready", {
          pid: running.pid,
          adopted: this.#adopted,
          ms: Math.round(performance.now() - began),
        });
        return;
      }
      if (running || (child?.pid !== undefined && child.exitCode === null && child.signalCode === null)) continue;
      if (child) {
        failures += 1;
        if (failures >= maxFailedStarts) break;
        await sleep(100 * failures); // the last orphans of a killed server hold its memory for a moment
      }
      child = await this.#spawn();
    }
    throw new UserError(
      "database-failed",
      `the database server does not start: ${reasonIn(await tail(this.#logFile, logLength))}`,
      `See the end of ${this.#logFile}.`,
    );
  }

  get #logFile(): string {
    return `${this.directory}.log`;
  }

  async #spawn(): Promise<ChildProcess> {
    await keepShort(this.#logFile);
    // Whatever it needs may have been removed; the processes of this server know the directory by its name.
    await mkdir(this.#socketDirectory, { recursive: true, mode: 0o700 });
    const output = await open(this.#logFile, "a", 0o600);
    try {
      const settings = serverSettings(this.#socketDirectory, this.#binaries.major, this.#durable);
      const args = [
        "-D",
        this.directory,
        ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
      ];
      const child = spawn(this.#binaries.postgres, args, {
        cwd: this.directory,
        env: this.#binaries.environment,
        detached: true,
        stdio: ["ignore", output.fd, output.fd],
      });
      child.on("error", (error) => this.#log.error("the database server could not be run", { error }));
      child.once("exit", (status, signal) => {
        if (this.#pid === child.pid) this.#ended = signal ?? `status ${status}`;
        // The end of our own child is noticed at once, that of an adopted server at the next check.
        if (this.#supervision !== undefined && this.#pid === child.pid) this.#supervise(0);
      });
      child.unref();
      return child;
    } finally {
      await output.close();
    }
  }
}

/** Settings for a small and quiet server: a class of sixty causes a few statements a second. */
function serverSettings(socketDirectory: string, major: number, durable: boolean): Record<string, string> {
  return {
    listen_addresses: "",
    unix_socket_directories: socketDirectory,
    unix_socket_permissions: "0700",
    max_connections: "100",
    shared_buffers: "32MB",
    dynamic_shared_memory_type: "mmap", // containers often have a tiny /dev/shm
    max_worker_processes: "2",
    max_parallel_workers_per_gather: "0",
    max_logical_replication_workers: "0",
    autovacuum_max_workers: "1",
    wal_level: "minimal",
    max_wal_senders: "0",
    max_wal_size: "128MB",
    min_wal_size: "32MB",
    jit: "off",
    huge_pages: "off",
    timezone: "UTC",
    log_timezone: "UTC",
    log_min_messages: "log", // a refused statement is the caller's to report, and its text may hold personal data
    log_checkpoints: "off",
    ...(major >= 18 ? { io_method: "sync" } : {}), // the default runs three more processes
    ...(durable ? {} : { fsync: "off", full_page_writes: "off" }),
  };
}

/** Whether the server answers, serves `directory`, and has our database, which is made if need be. */
async function createDatabase(url: string, directory: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000, application_name: "classh" });
  client.on("error", () => undefined); // the statement in progress reports it
  try {
    await client.connect();
    const found = await client.query<{ directory: string; ours: boolean }>(
      "SELECT current_setting('data_directory') AS directory, EXISTS (SELECT FROM pg_database WHERE datname = $1) AS ours",
      [databaseName],
    );
    const row = found.rows[0];
    if (row?.directory !== directory) return false;
    if (!row.ours) await client.query(`CREATE DATABASE ${databaseName}`);
    return true;
  } catch (error) {
    // Starting, recovering, or another process makes the database at this moment (42P04, 23505; 55006: its template is
    // busy).
    if (isConnectionFailure(error) || ["42P04", "23505", "55006"].includes(sqlState(error) ?? "")) return false;
    throw error;
  } finally {
    await client.end().catch(() => undefined); // the connection may be broken already
  }
}

/** Puts the server's log file aside once it is large. */
async function keepShort(file: string): Promise<void> {
  if ((await sizeOf(file)) > 1 << 20) await rename(file, `${file}.old`);
}

async function sizeOf(file: string): Promise<number> {
  return await stat(file).then(
    (found) => found.size,
    () => 0,
  );
}

/**
 * Why a server ended, in its own words: the last PANIC or FATAL. After a PANIC come the "FATAL: the database system is
 * in recovery mode" that our own questions got, and the complaints of the next start.
 */
export function reasonIn(text: string): string {
  const lines = text.trim().split("\n").filter(Boolean);
  const said = (words: RegExp): string | undefined =>
    lines.findLast((line) => words.test(line) && !refusals.test(line));
  return said(/PANIC: /) ?? said(/FATAL: /) ?? said(/ERROR: /) ?? lines.at(-1) ?? "it gave no reason";
}

/** What a server tells a client while it starts, recovers or shuts down. */
const refusals = /FATAL: {2}(the database system is |terminating connection|sorry, too many clients)/;

/** Characters of the end of its log in which a server says why it ended. */
const maxReason = 64 << 10;

async function tail(file: string, from: number): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => "");
  // Where the file was begun anew meanwhile, all of it is new.
  return (from < text.length ? text.slice(from) : text).slice(-maxReason);
}
