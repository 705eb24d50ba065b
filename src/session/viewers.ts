/**
 * Who else sees a session, and in which mode. Everybody who attaches has a seat here, so that the owner knows: the
 * header counts the viewers, a notice names them. One of them at most drives; the owner can take control back at any
 * time.
 */
import type { ViewMode } from "../auth/attaching.ts";
import type { Clock } from "../base/clock.ts";
import { UserError } from "../base/errors.ts";
import { Emitter } from "../base/events.ts";
import { Participant } from "../editor/participant.ts";

/** Somebody who sees the session. */
export interface Viewer {
  readonly username: string;
  /** The viewer's name as the owner reads it: "Prof. Hopper". */
  readonly title: string;
  readonly mode: ViewMode;
  /** Whether the owner is not told (a setting for exams). Somebody who edits or drives is always shown. */
  readonly silent: boolean;
  /** Since when, in milliseconds since the epoch. */
  readonly since: number;
}

/** A viewer's seat. Disposing leaves it. */
export interface ViewerSeat extends Disposable {
  /** Throws `in-use` when somebody else drives. */
  setMode(mode: ViewMode): void;
}

/** Most viewers of one session; more is a mistake, or an attack. */
const maxViewers = 200;

const doing: Readonly<Record<ViewMode, string>> = {
  watch: "is watching",
  look: "is looking around",
  help: "is helping: you can both type",
  drive: "is typing for you",
};

/** What the viewers need of their session. */
export interface ViewersOptions {
  readonly clock: Clock;
  /** Shows a sentence to the owner. */
  readonly notify: (text: string) => void;
}

/** The viewers of one session. */
export class Viewers {
  readonly #options: ViewersOptions;
  readonly #seats = new Map<ViewerSeat, Viewer>();
  readonly #changed = new Emitter<void>();
  readonly #takenBack = new Emitter<void>();
  #guests = 0;

  constructor(options: ViewersOptions) {
    this.#options = options;
  }

  /** Fires when a viewer arrives, leaves or changes the mode. */
  get onChange() {
    return this.#changed.on;
  }

  /** Fires when the owner takes control back: whoever drives only watches from now on. */
  get onTakenBack() {
    return this.#takenBack.on;
  }

  /** All viewers, in the order in which they came. */
  get all(): readonly Viewer[] {
    return [...this.#seats.values()];
  }

  /** The viewers that the owner is told about. */
  get shown(): readonly Viewer[] {
    return this.all.filter(isShown);
  }

  /** The viewer who drives; undefined when nobody does. */
  get driver(): Viewer | undefined {
    return this.all.find(({ mode }) => mode === "drive");
  }

  /** Adds a viewer. Throws `too-many-sessions` when there are too many, `in-use` when somebody else drives. */
  join(who: Omit<Viewer, "since">): ViewerSeat {
    if (this.#seats.size >= maxViewers)
      throw new UserError("too-many-sessions", `${maxViewers} people are in this session already`, "Try again later.");
    if (who.mode === "drive") this.#admitDriver();
    const seat: ViewerSeat = {
      setMode: (mode) => this.#setMode(seat, mode),
      [Symbol.dispose]: () => this.#leave(seat),
    };
    this.#put(seat, { ...who, since: this.#options.clock.now() }, "");
    return seat;
  }

  /**
   * A participant for a guest, in a colour of their own, who edits only while `mayEdit` is set. One for all views of a
   * person.
   */
  guest(name: string, { mayEdit = false }: { readonly mayEdit?: boolean } = {}): Participant {
    this.#guests++;
    return new Participant({ name, color: this.#guests, mayEdit });
  }

  /** Takes control back from whoever drives. */
  takeBack(): void {
    if (this.driver) this.#takenBack.emit();
  }

  #setMode(seat: ViewerSeat, mode: ViewMode): void {
    const viewer = this.#seats.get(seat);
    if (!viewer || viewer.mode === mode) return;
    if (mode === "drive") this.#admitDriver();
    this.#put(seat, { ...viewer, mode }, viewer.mode);
  }

  #put(seat: ViewerSeat, viewer: Viewer, before: ViewMode | ""): void {
    const wasShown = before !== "" && isShown({ ...viewer, mode: before });
    this.#seats.set(seat, viewer);
    if (isShown(viewer)) this.#options.notify(`${viewer.title} ${doing[viewer.mode]}.`);
    else if (wasShown) this.#options.notify(`${viewer.title} has left.`);
    this.#changed.emit();
  }

  #leave(seat: ViewerSeat): void {
    const viewer = this.#seats.get(seat);
    if (!viewer) return;
    this.#seats.delete(seat);
    if (isShown(viewer)) this.#options.notify(`${viewer.title} has left.`);
    this.#changed.emit();
  }

  #admitDriver(): void {
    const { driver } = this;
    if (driver)
      throw new UserError(
        "in-use",
        `somebody else is typing here: ${driver.title}`,
        "Try again when they have finished.",
      );
  }
}

function isShown({ silent, mode }: Viewer): boolean {
  return !silent || mode === "help" || mode === "drive";
}
