/**
 * Theory of operation: a lease of 10 s is long for people who wait for their files while a server on another machine is
 * dead. Silence proves nothing, so this checks for two signs together: nobody listens any more where the node listened
 * (that machine's kernel refuses the connection; a process that is only stopped, or busy, still accepts), and the
 * connection of its heartbeat is gone from the database. Both have to be found twice, a second apart, without a beat in
 * between; then the lease is ended early. A node that does not answer in time is never taken for dead.
 *
 * A firewall that answers in a machine's name can forge the first sign, and cutting its connections the second. That is
 * why nodes that others watch like this write nothing under a lock without asking the database (locks/fence): should
 * such a node be alive after all, it is as if its lease had ended, and its late writes are refused.
 */
import { createConnection } from "node:net";
import { logBug } from "../base/error-report.ts";
import { systemCode } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Database } from "../db/database.ts";
import { endSilentLease } from "../locks/node-lease-table.ts";
import { parseAddress } from "./addresses.ts";
import { SessionTable } from "./session-table.ts";

/** What the watch works with. */
export interface FarNodesOptions {
  readonly database: Database;
  /** This machine, as in process-identity: its own processes are watched directly. */
  readonly host: string;
  /** Called when a node's lease was ended early: what it held must be passed on. */
  readonly onDead: (node: string) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

interface Suspect {
  readonly expires: string;
  /** Monotonic milliseconds. */
  readonly since: number;
}

const checkMs = 400;
/** How long both signs have to last: a node that lost its connection for a moment has a new one by then, and beats. */
const certainMs = 1000;
/** A connection that is neither accepted nor refused by then proves nothing. */
const patienceMs = 350;
/** Nodes checked at once. */
const maxAtOnce = 64;

/** The watch over nodes of other machines. */
export class FarNodes implements AsyncDisposable {
  readonly #options: FarNodesOptions;
  readonly #table: SessionTable;
  readonly #timer: Disposable;
  #suspects = new Map<string, Suspect>();
  #checking: Promise<void> | undefined;

  constructor(options: FarNodesOptions) {
    this.#options = options;
    this.#table = new SessionTable(options.database);
    this.#timer = options.clock.every(checkMs, () => void this.check());
  }

  /** Checks now, unless a check is under way. Never rejects. */
  check(): Promise<void> {
    this.#checking ??= this.#check()
      .catch((error: unknown) => {
        // Without a database nobody can be declared dead, and what was found before is too old to count.
        this.#suspects = new Map();
        logBug(error, this.#options.log);
      })
      .finally(() => (this.#checking = undefined));
    return this.#checking;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer[Symbol.dispose]();
    await this.#checking;
  }

  async #check(): Promise<void> {
    const { clock, host } = this.#options;
    const silent = await this.#table.silent(host, maxAtOnce);
    const refusing = (
      await Promise.all(silent.map(async (node) => ((await refuses(node.address)) ? [node] : [])))
    ).flat();
    const now = clock.monotonic();
    const suspects = new Map<string, Suspect>();
    for (const { node, expires } of refusing) {
      const before = this.#suspects.get(node);
      suspects.set(node, before?.expires === expires ? before : { expires, since: now });
    }
    this.#suspects = suspects;
    for (const [node, { expires, since }] of suspects) if (now - since >= certainMs) await this.#bury(node, expires);
  }

  /** Ends the lease if it is still the one that was seen. */
  async #bury(node: string, expires: string): Promise<void> {
    const { database, log, onDead } = this.#options;
    const ended = await endSilentLease(database, node, expires);
    this.#suspects.delete(node);
    if (!ended) return;
    log.warn("a node on another machine is dead", { node });
    await onDead(node);
  }
}

/** Whether a machine says that nobody listens at this address. */
function refuses(address: string): Promise<boolean> {
  const where = parseAddress(address);
  if (!where) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = createConnection(where);
    const done = (refused: boolean): void => {
      socket.destroy();
      resolve(refused);
    };
    socket.setTimeout(patienceMs, () => done(false));
    socket.once("connect", () => done(false));
    socket.on("error", (error) => done(systemCode(error) === "ECONNREFUSED"));
  });
}
