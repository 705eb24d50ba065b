/**
 * The places that one terminal goes through: the person's own session, the class view, somebody else's session. Leaving a place leads
 * back to the one before; leaving the first closes the terminal. A terminal that drops ends them all. While somebody is elsewhere the own
 * session counts as attended, and what ends it there (a kick, "continue here" in another terminal) also ends the journey.
 */
import { report } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import type { Destination } from "../commands/ide.ts";
import type { ClassPlace } from "./class-screen.ts";
import type { Guest, OwnSession, Stay } from "./own-session.ts";
import { ClassList } from "../tui/class/class-list.ts";
import type { Watching } from "./spectating.ts";

export interface JourneyOptions {
  readonly guest: Guest;
  /** Undefined for a command: then the first destination is the bottom of it. */
  readonly own: OwnSession | undefined;
  readonly watching: Watching;
  readonly classPlace: ClassPlace;
  readonly log: Log;
}

/** How a place that is not the own session was left. */
export type PlaceEnd = { readonly kind: "back"; readonly notice?: string } | { readonly kind: "go"; readonly to: Destination } | { readonly kind: "quit" };

export class Journey {
  readonly #options: JourneyOptions;
  readonly #places: Destination[];
  readonly #dismissal = new AbortController();
  #visiting: Promise<void> | undefined;
  #stay: Stay | undefined;
  /** What was selected in the class view, for whoever comes back to it. */
  readonly #list = new ClassList();
  /** What the next place is to say first. */
  #notice: string | undefined;

  constructor(options: JourneyOptions, first?: Destination) {
    this.#options = options;
    this.#places = first ? [first] : [];
  }

  /** Ends a place that is not the own session: that one says goodbye itself. Resolves when the place is left. */
  async dismiss(reason: string): Promise<void> {
    this.#dismissal.abort(reason);
    await this.#visiting?.catch(() => undefined); // whoever runs the journey tells
  }

  /** Resolves when the terminal is closed. Rejects with what the person should be told on a terminal that is still open. */
  async run(): Promise<void> {
    const { terminal } = this.#options.guest;
    try {
      while (!terminal.closed) await this.#next();
    } finally {
      this.#stay?.[Symbol.dispose]();
    }
  }

  async #next(): Promise<void> {
    const { guest, own } = this.#options;
    const place = this.#places.at(-1);
    if (place) {
      this.#visiting = this.#visit(place);
      await this.#visiting;
      this.#visiting = undefined;
    } else if (own) await this.#ownSession(own);
    else guest.terminal.close(0);
  }

  async #ownSession(own: OwnSession): Promise<void> {
    const { guest } = this.#options;
    const stay = this.#stay;
    this.#stay = undefined;
    const end = stay ? await own.comeBack({ ...guest, ending: this.#dismissal.signal }, stay, this.#takeNotice()) : await own.receive({ ...guest, ending: this.#dismissal.signal });
    if (end.kind === "over") return guest.terminal.close(0);
    this.#stay = end.stay;
    this.#places.push(end.to);
  }

  /** Shows a place and learns where to go from there. Only what is at the bottom lets its errors out. */
  async #visit(place: Destination): Promise<void> {
    const { terminal } = this.#options.guest;
    await using scope = new Scope(`visit of ${place.kind}`);
    const leaving = this.#leaving(scope);
    let end: PlaceEnd;
    try {
      end = await this.#show(place, leaving);
    } catch (error) {
      if (this.#places.length === 1 && !this.#options.own) throw error;
      const { message, hint } = report(error, this.#options.log, { place: place.kind });
      end = { kind: "back", notice: hint ? `${message}. ${hint}` : `${message}.` };
    }
    if (leaving.aborted) {
      if (typeof leaving.reason === "string" && leaving.reason !== "") terminal.write(`${leaving.reason}\r\n`);
      return terminal.close(0);
    }
    if (end.kind === "quit") return terminal.close(0);
    if (end.kind === "go") return void this.#places.push(end.to);
    this.#places.pop();
    this.#notice = end.notice;
  }

  async #show(place: Destination, leaving: AbortSignal): Promise<PlaceEnd> {
    const { guest, watching } = this.#options;
    switch (place.kind) {
      case "watch":
        return await watching.watch({ guest, username: place.username, mode: place.mode ?? "watch", leaving });
      case "class":
        return await this.#options.classPlace.show({ guest, list: this.#list, notice: this.#takeNotice(), leaving });
      default:
        return place satisfies never;
    }
  }

  /** Aborted with a sentence when the person has to leave: by another node, by the own session's end, by the server's. */
  #leaving(scope: Scope): AbortSignal {
    const leaving = new AbortController();
    const leave = (reason: string): void => leaving.abort(reason);
    const { guest } = this.#options;
    const dismissed = (): void => leave(String(this.#dismissal.signal.reason));
    this.#dismissal.signal.addEventListener("abort", dismissed);
    scope.defer(() => this.#dismissal.signal.removeEventListener("abort", dismissed));
    if (this.#dismissal.signal.aborted) dismissed();
    const listener = guest.onDismiss?.(leave);
    if (listener) scope.own(listener);
    if (this.#stay) {
      const { visit, workbench } = this.#stay;
      scope.own(visit.onLeave(leave));
      scope.own(workbench.onEnd(leave));
      scope.own(guest.terminal.onInput(() => visit.touch()));
    }
    return leaving.signal;
  }

  #takeNotice(): string | undefined {
    const notice = this.#notice;
    this.#notice = undefined;
    return notice;
  }
}
