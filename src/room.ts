/**
 * Room for sessions in all processes and machines together. Somebody who is here comes before somebody who has left: when the server
 * is full, or very many are away, the longest absent go first, wherever they are. Their text is kept.
 */
import { report, UserError } from "./base/errors.ts";
import type { Log } from "./base/log.ts";
import { Scope } from "./base/scope.ts";
import type { NodeAddress } from "./cluster/session-table.ts";
import type { Services } from "./commands/services.ts";
import { serverFull } from "./session/registry.ts";

const sweepMilliseconds = 5_000;

export class Room implements AsyncDisposable {
  readonly #services: Services;
  readonly #log: Log;
  readonly #scope = new Scope("room");
  #sweeping: Promise<void> | undefined;

  constructor(services: Services, log: Log) {
    this.#services = services;
    this.#log = log;
    this.#scope.own(services.clock.every(sweepMilliseconds, () => void this.sweep()));
  }

  /** Ends an absent person's session on its node, for somebody who wants to come in. Throws `too-many-sessions` when nobody can go. */
  async make(absent: { readonly session: string; readonly at: NodeAddress } | undefined): Promise<void> {
    if (!absent) throw serverFull();
    try {
      await this.#services.cluster.request(absent.at, { kind: "retire", session: absent.session });
    } catch (error) {
      if (error instanceof UserError) throw serverFull();
      throw error;
    }
  }

  /** Ends a session of this node if its person is (still) away; false when there is none such. Resolves when others can have its room. */
  async retire(id: string, why: string): Promise<boolean> {
    const { sessions, cluster } = this.#services;
    const retired = await sessions.retire(id, why);
    if (retired) await cluster.directory.ended(id);
    return retired;
  }

  /** Ends those of this node who are more than may be away in all. Never throws. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep()
      .catch((error: unknown) => {
        // Without the database each process counts its own: the registry does.
        if (!(error instanceof UserError)) report(error, this.#log);
      })
      .finally(() => (this.#sweeping = undefined));
    return this.#sweeping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.close();
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    const { sessions, cluster, settings } = this.#services;
    if (sessions.sessions.every(({ attendance }) => attendance.awaySince === undefined)) return;
    for (const id of await cluster.directory.surplus(settings.session.mostAway)) await this.retire(id, "many people are away");
  }
}
