/**
 * Who else sees a session, and as what. Everybody who attaches sits here, so that the person knows: the header counts them, a notice
 * names them. One of them at most drives; the person takes back at any time.
 */
import type { ViewMode } from "../auth/attaching.ts";
import type { Clock } from "../base/clock.ts";
import { UserError } from "../base/errors.ts";
import { Emitter } from "../base/events.ts";
import { Participant } from "../editor/participant.ts";

export interface Viewer {
  readonly username: string;
  /** What people call her or him: "Prof. Hopper". */
  readonly title: string;
  readonly mode: ViewMode;
  /** Not shown to the person: an exam's setting. Whoever edits or drives is shown whatever it says. */
  readonly silent: boolean;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** One viewer's place; disposing leaves it. */
export interface ViewerSeat extends Disposable {
  /** Throws `in-use` when somebody else drives. */
  setMode(mode: ViewMode): void;
}

/** Viewers of one session; more is a mistake, or an attack. */
const maxViewers = 200;

const doing: Readonly<Record<ViewMode, string>> = {
  watch: "is watching",
  look: "is looking around",
  help: "is helping: you can both type",
  drive: "is typing for you",
};

export interface ViewersOptions {
  readonly clock: Clock;
  /** Tells the person. */
  readonly notify: (text: string) => void;
}

export class Viewers {
  readonly #options: ViewersOptions;
  readonly #seats = new Map<ViewerSeat, Viewer>();
  readonly #changed = new Emitter<void>();
  readonly #takenBack = new Emitter<void>();
  #guests = 0;

  constructor(options: ViewersOptions) {
    this.#options = options;
  }

  /** Somebody came, left, or does something else. */
  get onChange() {
    return this.#changed.on;
  }

  /** The person wants to type again: whoever drives watches from now on. */
  get onTakenBack() {
    return this.#takenBack.on;
  }

  /** All, in the order in which they came. */
  get all(): readonly Viewer[] {
    return [...this.#seats.values()];
  }

  /** Those that the person is told about. */
  get shown(): readonly Viewer[] {
    return this.all.filter(isShown);
  }

  get driver(): Viewer | undefined {
    return this.all.find(({ mode }) => mode === "drive");
  }

  /** Throws `too-many-sessions` when there are too many, `in-use` when somebody else drives. */
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

  /** Somebody else who is to look at the session, in a colour of their own, and who writes only while `mayEdit`. One for all of a person's views. */
  guest(name: string, { mayEdit = false }: { readonly mayEdit?: boolean } = {}): Participant {
    this.#guests++;
    return new Participant({ name, color: this.#guests, mayEdit });
  }

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
