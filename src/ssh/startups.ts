/**
 * Who may begin to log in, decided before anything is read from a newcomer or computed for one.
 *
 * Theory of operation: each connection that has not logged in holds a Ticket until it has, or is gone. An address, and
 * a network, may hold only a share of all tickets, so that an address that opens connections and says nothing shuts out
 * only itself; and not even itself for long: when a share is used up, a connection that keeps us waiting (`makeRoom`)
 * has to give way to a newcomer. The number of key exchanges begun, which cost us computation, is limited by the
 * minute. When many wait, newcomers are dropped at random, like OpenSSH's MaxStartups `start:rate:full`, but only those
 * of addresses with more than their part. Failures count against an address (PerSourcePenalties) from which nobody has
 * logged in: its share is reduced to a fifth. No address is ever shut out altogether, since a class may sit behind it.
 */
import type { Socket } from "node:net";
import type { Clock } from "../base/clock.ts";
import { tallies, type otherRefusals } from "../base/measures.ts";
import type { Settings } from "../config/schema.ts";
import { addressKey, networkKey } from "../limits/address.ts";
import { RateLimiter } from "../limits/rate.ts";
import { identification } from "./identification.ts";
import { disconnectMessage } from "./ssh2-internals.ts";

/** What refused clients are told. */
const tooMany = "Too many people are logging in right now. Try again in a moment.";
const tooManyHere = "Too many connections from your address are waiting to log in. Try again in a moment.";
const tooOften = "Too many connections from your address. Try again in a minute.";

/** What each refusal is counted as. */
const countedAs: ReadonlyMap<string, (typeof otherRefusals)[number]> = new Map([
  [tooMany, "too-many-connections"],
  [tooManyHere, "too-many-connections-of-address"],
  [tooOften, "too-many-connections-a-minute"],
]);

/** Bounds of random early drop. */
export interface StartupLimits {
  /** Up to this number of waiting connections, all are accepted. */
  readonly start: number;
  /** From then on this percentage is refused, rising evenly to all at `full`. */
  readonly ratePercent: number;
  readonly full: number;
}

/** Whether one more connection is refused when `waiting` others have not logged in. `chance` is in [0, 1). */
export function refuseStartup(limits: StartupLimits, waiting: number, chance: number): boolean {
  if (waiting < limits.start) return false;
  if (waiting >= limits.full) return true;
  const rise = (waiting - limits.start) / (limits.full - limits.start);
  const percent = limits.ratePercent + (100 - limits.ratePercent) * rise;
  return chance * 100 < percent;
}

/** How a startup ended: the connection logged in, tried and failed, never tried, or left by itself. */
export type StartupOutcome = "in" | "failed" | "silent" | "left";

/** One connection that has not logged in. */
export interface Ticket {
  /** The address, as limits see it; "" for a proxy, behind which are many. */
  readonly source: string;
  /**
   * Ends the startup. A `cheap` connection never began a key exchange: it does not count among the connections of a
   * minute, for which nobody's login has to wait. Idempotent.
   */
  end(outcome: StartupOutcome, cheap?: boolean): void;
}

/** A ticket, or why there is none. */
export type StartupDecision =
  | { readonly ticket: Ticket; readonly refusal?: undefined }
  | { readonly ticket?: undefined; readonly refusal: string };

/** What the gate works with. */
export interface StartupGateOptions {
  readonly settings: Settings["ssh"];
  /** Whether an address is a proxy's: who is behind it is not known yet. */
  readonly isTrusted: (address: string) => boolean;
  readonly clock: Clock;
  /** Ends one of this address's connections that keep us waiting, if there is one. */
  readonly makeRoom: (source: string) => void;
  readonly random?: () => number;
}

/** Tickets beyond a share while room that was asked for is being made. */
const overdraft = 32;
/** Penalty points of each outcome, like OpenSSH's penalties; one expires each second. */
const penalties: Readonly<Record<StartupOutcome, number>> = { in: 0, failed: 5, silent: 10, left: 1 };
/** Points from which an address without any login has a fifth of its share. */
const badPenalty = 120;
const maxPenalty = 600;
const badShare = 5;
/** How long an address from which somebody has logged in is known: a day. */
const knownMs = 24 * 3600_000;
/** Addresses remembered without a connection. */
const maxRemembered = 20_000;

interface Source {
  waiting: number;
  penalty: number;
  /** When the penalty was last computed. */
  counted: number;
  knownUntil: number;
}

/** The gate of a server. */
export class StartupGate {
  readonly #options: StartupGateOptions;
  readonly #rate: RateLimiter;
  /** In the order of their last use. */
  readonly #sources = new Map<string, Source>();
  readonly #networks = new Map<string, number>();
  /** Addresses that have tickets. */
  #active = 0;
  #waiting = 0;

  constructor(options: StartupGateOptions) {
    this.#options = options;
    this.#rate = new RateLimiter({ perMinute: options.settings.connectionsPerMinute, clock: options.clock });
  }

  /** Connections that have not logged in. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Addresses of which something is remembered. */
  get remembered(): number {
    return this.#sources.size;
  }

  /** A ticket for a newcomer, or the refusal to send. */
  admit(address: string): StartupDecision {
    const decision = this.#decide(address);
    const refused = countedAs.get(decision.refusal ?? "");
    if (refused !== undefined) tallies.refusal.add(refused);
    return decision;
  }

  #decide(address: string): StartupDecision {
    const { settings, isTrusted } = this.#options;
    const source = isTrusted(address) ? "" : addressKey(address);
    if (source === "")
      return this.#waiting >= settings.maxStartups.full ? { refusal: tooMany } : { ticket: this.#ticket("", "") };
    if (!this.#rate.take(source).allowed) return { refusal: tooOften };
    const network = networkKey(address);
    const refusal = this.#refusal(source, network);
    return refusal === undefined ? { ticket: this.#ticket(source, network) } : { refusal };
  }

  #refusal(source: string, network: string): string | undefined {
    const { maxStartups, startupsPerAddress, startupsPerNetwork } = this.#options.settings;
    const held = this.#sources.get(source)?.waiting ?? 0;
    const share = this.#isBad(source) ? Math.ceil(startupsPerAddress / badShare) : startupsPerAddress;
    if (held >= share) return this.#takeOver(source, held - share);
    const ofNetwork = this.#networks.get(network) ?? 0;
    if (ofNetwork >= startupsPerNetwork)
      return this.#takeOver(this.#mostCrowded(network), ofNetwork - startupsPerNetwork);
    if (this.#waiting >= maxStartups.full) {
      const crowded = this.#giver(network, ofNetwork, held);
      return crowded === undefined ? tooMany : this.#takeOver(crowded, this.#waiting - maxStartups.full);
    }
    // An address or network with no more than its part is never dropped at random.
    const part = maxStartups.full / Math.max(1, this.#active + (held === 0 ? 1 : 0));
    const partOfNetwork = maxStartups.full / Math.max(1, this.#networks.size + (ofNetwork === 0 ? 1 : 0));
    if (held < part || ofNetwork < partOfNetwork) return undefined;
    return refuseStartup(maxStartups, this.#waiting, (this.#options.random ?? Math.random)()) ? tooMany : undefined;
  }

  /**
   * Address that has to give way: one with many tickets gives way to one with few, networks among each other, then the
   * addresses of one. Among equals the first comes first.
   */
  #giver(network: string, ofNetwork: number, held: number): string | undefined {
    let crowded = network;
    for (const [other, count] of this.#networks) if (count > (this.#networks.get(crowded) ?? 0)) crowded = other;
    const source = this.#mostCrowded(crowded);
    if (crowded !== network) return (this.#networks.get(crowded) ?? 0) > ofNetwork + 1 ? source : undefined;
    return (this.#sources.get(source)?.waiting ?? 0) > held + 1 ? source : undefined;
  }

  /** Has a newcomer take the ticket of a connection of `source`; undefined admits the newcomer. */
  #takeOver(source: string, beyond: number): string | undefined {
    if (beyond >= overdraft) return tooManyHere;
    this.#options.makeRoom(source);
    return undefined;
  }

  /** The address of a network with the most tickets. */
  #mostCrowded(network: string): string {
    let crowded = "";
    let most = 0;
    for (const [source, { waiting }] of this.#sources) {
      if (waiting <= most || networkKey(source.replace("::/64", "::")) !== network) continue;
      crowded = source;
      most = waiting;
    }
    return crowded;
  }

  #ticket(source: string, network: string): Ticket {
    this.#count(source, network, 1);
    let open = true;
    return {
      source,
      end: (outcome, cheap = false) => {
        if (!open) return;
        open = false;
        this.#count(source, network, -1);
        if (source === "") return;
        if (cheap) this.#rate.giveBack(source);
        this.#hold(source, outcome);
      },
    };
  }

  #count(source: string, network: string, change: 1 | -1): void {
    this.#waiting += change;
    if (source === "") return;
    const known = this.#touch(source);
    if (known.waiting === 0 || (known.waiting === 1 && change === -1)) this.#active += change;
    known.waiting += change;
    const ofNetwork = (this.#networks.get(network) ?? 0) + change;
    if (ofNetwork > 0) this.#networks.set(network, ofNetwork);
    else this.#networks.delete(network);
  }

  #hold(source: string, outcome: StartupOutcome): void {
    const now = this.#options.clock.monotonic();
    const known = this.#touch(source);
    if (outcome === "in") known.knownUntil = now + knownMs;
    known.penalty = outcome === "in" ? 0 : Math.min(maxPenalty, this.#penaltyOf(known) + penalties[outcome]);
    known.counted = now;
  }

  #penaltyOf({ penalty, counted }: Source): number {
    return Math.max(0, penalty - (this.#options.clock.monotonic() - counted) / 1000);
  }

  #isBad(source: string): boolean {
    const known = this.#sources.get(source);
    return (
      known !== undefined && known.knownUntil < this.#options.clock.monotonic() && this.#penaltyOf(known) > badPenalty
    );
  }

  #touch(source: string): Source {
    const known = this.#sources.get(source) ?? {
      waiting: 0,
      penalty: 0,
      counted: this.#options.clock.monotonic(),
      knownUntil: Number.NEGATIVE_INFINITY,
    };
    this.#sources.delete(source);
    this.#sources.set(source, known);
    if (this.#sources.size > maxRemembered) this.#forget();
    return known;
  }

  /**
   * Forgets the address that was not used for the longest time and has no connection: there are far fewer tickets than
   * addresses.
   */
  #forget(): void {
    for (const [source, { waiting }] of this.#sources) {
      if (waiting > 0) continue;
      this.#sources.delete(source);
      return;
    }
  }
}

/**
 * Refuses a newcomer, with text that every client shows: our identification line, and a disconnect message in clear
 * text, which costs no cryptography. (A line before the identification, as sshd sends it, is shown by OpenSSH with -v
 * only.)
 */
export function refuse(socket: Socket, text: string, clock: Clock): void {
  socket.on("error", () => socket.destroy());
  socket.resume();
  socket.end(Buffer.concat([Buffer.from(identification), disconnectMessage(text)]));
  const timer = clock.after(1000, () => socket.destroy());
  socket.once("close", () => timer[Symbol.dispose]());
}
