/**
 * Looks twice a second whether the other classh processes of this machine still live. One that was killed gives up its locks
 * within a second that way; on other machines only the lease tells. So it does for a process that can't be looked up.
 */
import type { Clock } from "../base/clock.ts";
import { Emitter } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { lookUp } from "./process-identity.ts";

export interface Peer {
  readonly node: string;
  readonly pid: number;
  readonly start: string;
  /** The time of its lease is up. */
  readonly late?: boolean;
}

const intervalMs = 500;

export class PeerWatch implements Disposable {
  readonly #timer: Disposable;
  readonly #log: Log;
  readonly #died = new Emitter<Peer>();
  #peers: readonly Peer[] = [];
  #looking = false;

  constructor(options: { readonly clock: Clock; readonly log: Log }) {
    this.#log = options.log;
    this.#timer = options.clock.every(intervalMs, () => void this.#look());
  }

  /** A peer's process has ended, certainly or as far as anybody can tell. Fires again until the peer is no longer set. */
  get onDied() {
    return this.#died.on;
  }

  set peers(peers: readonly Peer[]) {
    // Several nodes of one process (tests do that) can't outlive each other.
    this.#peers = peers.filter(({ pid }) => pid !== process.pid);
  }

  [Symbol.dispose](): void {
    this.#peers = [];
    this.#timer[Symbol.dispose]();
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      for (const peer of this.#peers) if (await isGone(peer)) this.#died.emit(peer);
    } catch (error) {
      this.#log.error("unexpected error", { error });
    } finally {
      this.#looking = false;
    }
  }
}

async function isGone(peer: Peer): Promise<boolean> {
  const found = await lookUp(peer);
  return found === "ended" || (found === "unknown" && peer.late === true);
}
