/**
 * Checks twice a second whether the other classh processes of this machine are alive. One that was killed so loses its
 * locks within a second; on other machines, and for a process that can't be looked up, only its lease tells.
 */
import type { Clock } from "../base/clock.ts";
import { Emitter } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { lookUp } from "./process-identity.ts";

/** Another process of this machine. */
export interface Peer {
  readonly node: string;
  readonly pid: number;
  readonly start: string;
  /** Whether the time of its lease is over. */
  readonly late?: boolean;
}

const intervalMs = 500;

/** A watch over other processes of this machine. */
export class PeerWatch implements Disposable {
  readonly #timer: Disposable;
  readonly #log: Log;
  readonly #died = new Emitter<Peer>();
  #peers: readonly Peer[] = [];
  #checking = false;

  constructor(options: { readonly clock: Clock; readonly log: Log }) {
    this.#log = options.log;
    this.#timer = options.clock.every(intervalMs, () => void this.#check());
  }

  /** Fires when a peer has ended, certainly or as far as can be told; again until the peer is no longer in `peers`. */
  get onDied() {
    return this.#died.on;
  }

  set peers(peers: readonly Peer[]) {
    // Several nodes of one process (in tests) can't outlive each other.
    this.#peers = peers.filter(({ pid }) => pid !== process.pid);
  }

  [Symbol.dispose](): void {
    this.#peers = [];
    this.#timer[Symbol.dispose]();
  }

  async #check(): Promise<void> {
    if (this.#checking) return;
    this.#checking = true;
    try {
      for (const peer of this.#peers) if (await isGone(peer)) this.#died.emit(peer);
    } catch (error) {
      this.#log.error("unexpected error", { error });
    } finally {
      this.#checking = false;
    }
  }
}

async function isGone(peer: Peer): Promise<boolean> {
  const found = await lookUp(peer);
  return found === "ended" || (found === "unknown" && peer.late === true);
}
