/**
 * Room for sessions in all processes and machines together. People who are here have precedence over people who are
 * away: when the server is full, or too many are away, the longest absent sessions are ended, wherever they are; when a
 * machine's memory is short, those on that machine. Their text is kept.
 */
import { availableMemory } from "../base/memory.ts";
import { logBug } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import type { NodeAddress } from "../cluster/session-table.ts";
import type { Services } from "../commands/services.ts";
import { serverFull } from "../session/session-registry.ts";

const sweepMs = 5_000;
/** Bytes that the end of a session frees, approximately: its two Pythons. */
const bytesOfSession = 16 << 20;
/** Most sessions ended at once for lack of memory; then the memory is checked again. */
const maxForMemory = 50;

/** The admission of sessions, for this node. */
export class Admission implements AsyncDisposable {
  readonly #services: Services;
  readonly #log: Log;
  readonly #scope = new Scope("admission");
  readonly #memory: () => Promise<number | undefined>;
  #sweeping: Promise<void> | undefined;
  #memoryIsShort = false;

  /** `memory` resolves with the bytes that this machine has left. */
  constructor(services: Services, log: Log, memory: () => Promise<number | undefined> = availableMemory) {
    this.#services = services;
    this.#log = log;
    this.#memory = memory;
    this.#scope.own(services.clock.every(sweepMs, () => void this.sweep()));
  }

  /**
   * Ends an absent person's session on its node, for somebody who wants to come in. Throws `too-many-sessions` when
   * there is none to end.
   */
  async make(absent: { readonly session: string; readonly at: NodeAddress } | undefined): Promise<void> {
    if (!absent) throw serverFull();
    try {
      await this.#services.cluster.request(absent.at, { kind: "retire", session: absent.session });
    } catch (error) {
      if (error instanceof UserError) throw serverFull();
      throw error;
    }
  }

  /**
   * Ends a session of this node if its owner is still away; false when there is none such. Resolves when its room is
   * free.
   */
  async retire(id: string, why: string): Promise<boolean> {
    const { sessions, cluster } = this.#services;
    const retired = await sessions.retire(id, why);
    if (retired) await cluster.directory.ended(id);
    return retired;
  }

  /**
   * Ends sessions of this node that exceed the number of absent ones, or take memory that others need. Never throws.
   */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep()
      .catch((error: unknown) => {
        // Without the database each process counts its own sessions, in the registry.
        logBug(error, this.#log);
      })
      .finally(() => (this.#sweeping = undefined));
    return this.#sweeping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.close();
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    const { cluster, settings } = this.#services;
    if (this.#away().length === 0) return;
    await this.#easeMemory();
    for (const id of await cluster.directory.surplus(settings.session.maxAway))
      await this.retire(id, "many people are away");
  }

  /** Frees memory before the kernel kills a process of its own choice: of somebody who is here, or of the server. */
  async #easeMemory(): Promise<void> {
    const free = await this.#memory();
    const missing = this.#services.settings.session.minMemoryMebibytes * 2 ** 20 - (free ?? Number.POSITIVE_INFINITY);
    const isShort = missing > 0;
    if (isShort && !this.#memoryIsShort)
      this.#log.warn("memory is short", { freeMebibytes: Math.round((free ?? 0) / 2 ** 20) });
    this.#memoryIsShort = isShort;
    if (!isShort) return;
    for (const id of await this.#longestAway(Math.min(maxForMemory, Math.ceil(missing / bytesOfSession))))
      await this.retire(id, "memory is short");
  }

  /** The sessions of this node among the `max` longest absent ones of the machine. */
  async #longestAway(max: number): Promise<readonly string[]> {
    try {
      return await this.#services.cluster.directory.longestAway(max);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      // Without the database each process frees what it can by itself: memory does not wait.
      return this.#away().slice(0, max);
    }
  }

  /** The ids of this node's sessions with an absent owner, the longest absent first. */
  #away(): readonly string[] {
    return this.#services.sessions.sessions
      .flatMap(({ id, attendance: { awaySince } }) => (awaySince === undefined ? [] : [{ id, awaySince }]))
      .toSorted((a, b) => a.awaySince - b.awaySince)
      .map(({ id }) => id);
  }
}
