/** Who is looking at a session. A session without clients waits for its person; the registry ends it when that takes too long. */
import type { Clock } from "../base/clock.ts";
import { Emitter } from "../base/events.ts";

/** One terminal on the session. */
export interface Attachment extends Disposable {
  /** The person did something here. */
  touch(): void;
  /** Asks this client to leave and show `reason`. */
  leave(reason: string): void;
  readonly onLeave: Emitter<string>["on"];
}

export interface AttachmentInfo {
  /** Where from. */
  readonly address: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** Who pressed no key for this long does not type any more. */
export const pauseMs = 10_000;

export class Attendance {
  readonly #clock: Clock;
  readonly #moved = new Emitter<void>();
  readonly #visits = new Map<Attachment, { readonly visitor: AttachmentInfo; readonly leave: Emitter<string> }>();
  #awaySince: number | undefined;
  #lastActive: number;
  #warned = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastActive = clock.now();
  }

  /** The person came, went, or does something again after a pause. */
  get onMove() {
    return this.#moved.on;
  }

  get attachments(): readonly AttachmentInfo[] {
    return [...this.#visits.values()].map(({ visitor }) => visitor);
  }

  /** Milliseconds since the epoch; undefined while somebody is there, or before anybody was. */
  get awaySince(): number | undefined {
    return this.#awaySince;
  }

  /** When the person last did something, to a quarter of a minute: lists are not written at every key. Milliseconds since the epoch. */
  get activeAt(): number {
    return Math.floor(this.#lastActive / 15_000) * 15_000;
  }

  /** Milliseconds since the person did something. */
  get idleMs(): number {
    return this.#clock.now() - this.#lastActive;
  }

  /** True once for each stretch of idleness: the person is to be warned now. */
  takeWarning(): boolean {
    const first = !this.#warned;
    this.#warned = true;
    return first;
  }

  /** A client comes; disposing is its leaving. */
  attach(address: string): Attachment {
    const leave = new Emitter<string>();
    const attach: Attachment = {
      onLeave: leave.on,
      leave: (reason) => leave.emit(reason),
      touch: () => this.#touch(),
      [Symbol.dispose]: () => {
        if (this.#visits.delete(attach) && this.#visits.size === 0) {
          this.#awaySince = this.#clock.now();
          this.#moved.emit();
        }
      },
    };
    this.#visits.set(attach, { visitor: { address, since: this.#clock.now() }, leave });
    this.#awaySince = undefined;
    this.#touch();
    this.#moved.emit();
    return attach;
  }

  /** Asks all clients to leave, except `keep`. */
  dismiss(reason: string, keep?: Attachment): void {
    for (const [attach, { leave }] of this.#visits) if (attach !== keep) leave.emit(reason);
  }

  #touch(): void {
    const paused = this.idleMs >= pauseMs;
    this.#lastActive = this.#clock.now();
    this.#warned = false;
    if (paused) this.#moved.emit();
  }
}
