/** What happens to a server under torture: workers are killed and stopped, its database is restarted or away. */
import { setTimeout as delay } from "node:timers/promises";
import type { EmbeddedPostgres } from "../../src/db/embedded.ts";
import type { ServerProcess } from "../cluster/server-process.ts";
import { pick, type Random } from "./random.ts";

export interface ChaosOptions {
  readonly server: ServerProcess;
  readonly postgres: EmbeddedPostgres;
  readonly leaseSeconds: number;
  /** Milliseconds between two disturbances, on average. */
  readonly pauseMs: number;
  readonly random: Random;
  readonly tell: (line: string) => void;
}

export interface ChaosCounts {
  kills: number;
  /** Of workers that were stopped at that moment. */
  stops: number;
  /** Stops of more than a lease. */
  longStops: number;
  databaseRestarts: number;
  databaseOutages: number;
}

export class Chaos {
  readonly #options: ChaosOptions;
  readonly counts: ChaosCounts = { kills: 0, stops: 0, longStops: 0, databaseRestarts: 0, databaseOutages: 0 };
  /** What is still under way: workers that stand still, a database that is away. */
  readonly #underWay = new Set<Promise<void>>();
  readonly #stopped = new Set<number>();
  #databaseBusy = false;

  constructor(options: ChaosOptions) {
    this.#options = options;
  }

  /** Disturbs until it is over; then everything goes on that stood still. */
  async rage(isOver: () => boolean): Promise<void> {
    const { random, pauseMs } = this.#options;
    while (!isOver()) {
      await this.#disturb();
      await delay(pauseMs * (0.5 + random()));
    }
    await Promise.all(this.#underWay);
  }

  async #disturb(): Promise<void> {
    const { random, server } = this.#options;
    const dice = random();
    const workers = await server.workers();
    const pid = pick(random, workers);
    if (dice > 0.8) return this.#inBackground(this.#database());
    if (pid === undefined) return;
    if (dice > 0.45) return this.#inBackground(this.#stop(pid));
    this.counts.kills += 1;
    this.#options.tell(`kill ${pid}`);
    send(pid, "SIGKILL");
  }

  /** Half of all stops are shorter than a lease, half up to twice as long. */
  async #stop(pid: number): Promise<void> {
    if (this.#stopped.has(pid)) return;
    this.#stopped.add(pid);
    const { random, leaseSeconds } = this.#options;
    const ms = leaseSeconds * 2000 * random();
    this.counts.stops += 1;
    if (ms > leaseSeconds * 1000) this.counts.longStops += 1;
    this.#options.tell(`stop ${pid} for ${Math.round(ms)} ms`);
    send(pid, "SIGSTOP");
    await delay(ms);
    // Its number can't be another's: a process that was killed while it stood still stays a child of the primary for moments only.
    if ((await this.#options.server.workers()).includes(pid)) send(pid, "SIGCONT");
    this.#stopped.delete(pid);
  }

  async #database(): Promise<void> {
    const { postgres, random, leaseSeconds } = this.#options;
    if (this.#databaseBusy) return;
    this.#databaseBusy = true;
    try {
      if (random() < 0.7) {
        this.counts.databaseRestarts += 1;
        this.#options.tell("restart of the database");
        // An immediate shutdown: connections break, and it recovers at its next start, which its supervisor makes at once.
        if (postgres.pid !== undefined) send(postgres.pid, "SIGQUIT");
      } else {
        this.counts.databaseOutages += 1;
        this.#options.tell("the database goes away");
        await postgres.stop();
        await delay(leaseSeconds * 1500 * random());
        await postgres.start();
      }
    } finally {
      this.#databaseBusy = false;
    }
  }

  #inBackground(work: Promise<void>): void {
    const running = work.finally(() => this.#underWay.delete(running));
    this.#underWay.add(running);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended by itself, or by an earlier kill.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
