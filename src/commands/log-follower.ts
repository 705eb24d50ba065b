/**
 * Follows the logs of all nodes: those that there are, and those that come. Which there are is asked every few seconds,
 * so a worker that was replaced is followed again.
 */
import { explain } from "../base/error-report.ts";
import type { LogFilter } from "../base/log-lines.ts";
import type { Scope } from "../base/scope.ts";
import type { NodeRow } from "../cluster/session-table.ts";
import type { CommandContext } from "./command.ts";

/** Milliseconds between two looks for other nodes. */
const lookMs = 2000;

/** A node as far as it is needed to follow it. */
type Followed = Omit<NodeRow, "pid" | "startedAt" | "draining" | "sessions">;

/** What happens with what is followed. */
export interface LogFollowerHandlers {
  /** A line of a node's log, as it was logged. */
  readonly line: (node: string, line: string) => void;
  /** Something about the following itself, as a sentence without its end. */
  readonly remark: (text: string) => void;
}

/** A follower of all nodes, until its parent closes. */
export class LogFollower {
  readonly #context: CommandContext;
  readonly #filter: LogFilter;
  readonly #handlers: LogFollowerHandlers;
  readonly #scope: Scope;
  /** By the id of a node; undefined while it is being reached. */
  readonly #followed = new Map<string, Disposable | undefined>();
  /** What was said of a node, or of the list of nodes, and is still so. */
  readonly #said = new Set<string>();
  #looking: Promise<void> | undefined;

  constructor(parent: Scope, context: CommandContext, filter: LogFilter, handlers: LogFollowerHandlers) {
    this.#scope = parent.child("log follower");
    this.#context = context;
    this.#filter = filter;
    this.#handlers = handlers;
    this.#scope.defer(() => this.#looking);
    this.#scope.own(context.services.clock.every(lookMs, () => void this.look()));
    this.#scope.defer(() => {
      for (const followed of this.#followed.values()) followed?.[Symbol.dispose]();
    });
  }

  /** Looks for nodes that are not followed yet, unless that is under way. Never rejects. */
  look(): Promise<void> {
    return (this.#looking ??= this.#look()
      .catch((error: unknown) => this.#say("nodes", error))
      .finally(() => (this.#looking = undefined)));
  }

  async #look(): Promise<void> {
    const nodes = await this.#nodes();
    const news = nodes.filter(({ node }) => !this.#followed.has(node));
    const reached = await Promise.all(news.map((node) => this.#follow(node)));
    const names = news.filter((_, index) => reached[index]).map(({ name }) => name);
    if (names.length > 0 && !this.#scope.closed) this.#handlers.remark(`following ${names.toSorted().join(", ")}`);
  }

  /** The living nodes; without the database only this one is known. */
  async #nodes(): Promise<readonly Followed[]> {
    const { cluster } = this.#context.services;
    try {
      const nodes = await cluster.nodes();
      this.#said.delete("nodes");
      return nodes;
    } catch (error) {
      this.#say("nodes", error);
      const { node, name } = cluster;
      return node === undefined ? [] : [{ node, name, host: "", socket: undefined, address: undefined }];
    }
  }

  /** Whether the node was reached. */
  async #follow(at: Followed): Promise<boolean> {
    const { node, name } = at;
    this.#followed.set(node, undefined);
    try {
      const followed = await this.#context.services.cluster.followLog(at, this.#filter, {
        take: (line) => this.#handlers.line(name, line),
        ended: () => {
          if (!this.#scope.closed && this.#followed.delete(node))
            this.#handlers.remark(`${name} has ended, or is not reached any more`);
        },
      });
      if (this.#scope.closed) followed[Symbol.dispose]();
      else this.#followed.set(node, followed);
      this.#said.delete(node);
      return true;
    } catch (error) {
      this.#followed.delete(node);
      this.#say(node, error, `no lines of ${name}: `);
      return false;
    }
  }

  /** Says why something is missing, once for as long as it lasts. */
  #say(about: string, error: unknown, before = ""): void {
    if (this.#said.has(about) || this.#scope.closed) return;
    this.#said.add(about);
    const told = explain(error, this.#context.log);
    this.#handlers.remark(`${before}${told.message}`);
  }
}
