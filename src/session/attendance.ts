/**
 * The terminals attached to a session. A session without any waits for its owner; the registry ends it when that takes
 * too long.
 */
import type { Clock } from "../base/clock.ts";
import { Emitter } from "../base/events.ts";

/** One terminal on a session. Disposing detaches it. */
export interface Attachment extends Disposable {
  /** Notes that the person did something here. */
  touch(): void;
  /** Asks this terminal to leave and show `reason`. */
  leave(reason: string): void;
  /** Fires with the reason when the terminal has to leave. */
  readonly onLeave: Emitter<string>["on"];
}

/** What lists show of an attachment. */
export interface AttachmentInfo {
  /** The client's address. */
  readonly address: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** Milliseconds without a key after which a person no longer counts as typing. */
export const pauseMs = 10_000;

/** The terminals attached to one session, and when its owner last did something. */
export class Attendance {
  readonly #clock: Clock;
  readonly #moved = new Emitter<void>();
  readonly #attachments = new Map<Attachment, { readonly info: AttachmentInfo; readonly leave: Emitter<string> }>();
  #awaySince: number | undefined;
  #lastActive: number;
  #warned = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastActive = clock.now();
  }

  /** Fires when the owner arrives, leaves, or is active again after a pause. */
  get onMove() {
    return this.#moved.on;
  }

  /** The attached terminals, in the order in which they came. */
  get attachments(): readonly AttachmentInfo[] {
    return [...this.#attachments.values()].map(({ info }) => info);
  }

  /**
   * When the last terminal left, in milliseconds since the epoch; undefined while one is attached, and before the
   * first.
   */
  get awaySince(): number | undefined {
    return this.#awaySince;
  }

  /**
   * When the owner last did something, in milliseconds since the epoch, to a quarter of a minute so that lists do not
   * change with every key.
   */
  get activeAt(): number {
    return Math.floor(this.#lastActive / 15_000) * 15_000;
  }

  /** Milliseconds since the owner last did something. */
  get idleMs(): number {
    return this.#clock.now() - this.#lastActive;
  }

  /** True once for each period without activity: the owner is to be warned now. */
  takeWarning(): boolean {
    const first = !this.#warned;
    this.#warned = true;
    return first;
  }

  /** Attaches a terminal. Disposing the result detaches it. */
  attach(address: string): Attachment {
    const leave = new Emitter<string>();
    const attachment: Attachment = {
      onLeave: leave.on,
      leave: (reason) => leave.emit(reason),
      touch: () => this.#touch(),
      [Symbol.dispose]: () => {
        if (this.#attachments.delete(attachment) && this.#attachments.size === 0) {
          this.#awaySince = this.#clock.now();
          this.#moved.emit();
        }
      },
    };
    this.#attachments.set(attachment, { info: { address, since: this.#clock.now() }, leave });
    this.#awaySince = undefined;
    this.#touch();
    this.#moved.emit();
    return attachment;
  }

  /** Asks all terminals except `keep` to leave and show `reason`. */
  dismiss(reason: string, keep?: Attachment): void {
    for (const [attachment, { leave }] of this.#attachments) if (attachment !== keep) leave.emit(reason);
  }

  #touch(): void {
    const paused = this.idleMs >= pauseMs;
    this.#lastActive = this.#clock.now();
    this.#warned = false;
    if (paused) this.#moved.emit();
  }
}
