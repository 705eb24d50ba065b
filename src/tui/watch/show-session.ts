/**
 * A session on a viewer's terminal. The viewer has a screen of their own, of any size, which never affects the owner's.
 * What is typed goes to the viewer's own keys first (commands/keys/viewer-keys.ts). From there it goes nowhere while
 * watching, to a read-only or editing client while looking around or helping, and to the owner's screen only while
 * driving. Only `#gate` decides that.
 */
import { viewModes, type ViewMode } from "../../auth/attaching.ts";
import { viewerKeys, type ViewerCommand } from "../../commands/keys/viewer-keys.ts";
import type { Clock } from "../../base/clock.ts";
import { explain, logBug, sentence } from "../../base/error-report.ts";
import { UserError } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import { disposable, Scope } from "../../base/scope.ts";
import type { Terminal } from "../../base/terminal.ts";
import type { Seat as ClassSeat } from "../../classroom/seat.ts";
import type { Participant } from "../../editor/participant.ts";
import type { ViewerSeat } from "../../session/viewers.ts";
import type { Workbench } from "../../session/workbench.ts";
import { barText } from "../inbox/read-inbox.ts";
import { MessageBar } from "../parts/message-bar.ts";
import { Notices } from "../parts/notices.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import { pressedKey } from "../../terminal/input/pressed-key.ts";
import type { Layer } from "../../terminal/layer.ts";
import { openScreen, type Screen } from "../../terminal/screen.ts";
import { area } from "../views/area.ts";
import { hintOf, type Hint } from "../views/hint-line.ts";
import { isTooSmallToWatch, Mirror } from "./mirror.ts";
import { PartScreen } from "./part-screen.ts";
import { drawViewerLine } from "./viewer-line.ts";
import type { OpenWindow, Windows } from "./windows.ts";

/** What a guest's client is made from: a part of the viewer's screen, and the viewer as a participant. */
export interface GuestClientOptions {
  readonly scope: Scope;
  readonly screen: PartScreen;
  readonly workbench: Workbench;
  readonly participant: Participant;
  readonly clock: Clock;
  readonly log: Log;
  readonly leave: () => void;
}

/** What a viewer's screen needs beside the terminal and the workbench. */
export interface ShowSessionOptions {
  /** Opens a guest's client, which lives as long as its scope. */
  readonly openClient: (options: GuestClientOptions) => { resized(): void };
  /** The viewer; `title` is their name as the owner reads it. */
  readonly viewer: { readonly username: string; readonly title: string };
  /** The owner's name as the viewer reads it. */
  readonly person: string;
  /** The mode at first; "watch" instead of "drive" while somebody else drives. */
  readonly mode: ViewMode;
  /** Whether the owner is not told. */
  readonly silent: boolean;
  /** The viewer's own seat in the class: messages to the viewer appear here too. */
  readonly classSeat?: ClassSeat | undefined;
  readonly windows: Windows;
  /** Whether the viewer may change to a mode now. */
  readonly admits: (mode: ViewMode) => boolean;
  /** Called with each mode that the viewer is in, the first one included. */
  readonly onMode: (mode: ViewMode) => void;
  /** Called when the viewer has changed a file, which the owner may save. */
  readonly onEdited: (path: string) => void;
  /** Aborted when the viewer has to leave. */
  readonly leaving: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
}

/** How it ended. "left": the viewer wanted or had to leave, or their terminal closed. "ended": the session ended. */
export type ShowSessionEnd = "left" | "ended";

/**
 * Shows the session until the viewer leaves or the session ends. The terminal is restored and left open. Rejects when
 * the viewer's screen fails, which nobody else notices.
 */
export async function showSession(
  terminal: Terminal,
  workbench: Workbench,
  options: ShowSessionOptions,
): Promise<ShowSessionEnd> {
  await using scope = new Scope(`view of ${workbench.id}`);
  return await new Promise<ShowSessionEnd>((resolve, reject) => {
    const { leaving } = options;
    const leave = (): void => resolve("left");
    scope.own(terminal.onClose(leave));
    scope.own(workbench.onEnd(() => resolve("ended")));
    leaving.addEventListener("abort", leave);
    scope.defer(() => leaving.removeEventListener("abort", leave));
    if (terminal.closed || leaving.aborted) return leave();
    const shown = new ViewerScreen(scope, terminal, { ...options, workbench }, { leave, broken: reject });
    shown.begin();
  });
}

/** What ends the viewer's screen. */
interface Exits {
  readonly leave: () => void;
  readonly broken: (error: unknown) => void;
}

/** What fills the screen above the viewer's line. */
type Content =
  | { readonly kind: "mirror"; readonly window: OpenWindow; readonly mirror: Mirror; readonly pushed: Disposable }
  /** A client of the viewer's own. */
  | { readonly kind: "client"; readonly pushed: Disposable };

class ViewerScreen {
  readonly #workbench: Workbench;
  readonly #options: ShowSessionOptions;
  readonly #exits: Exits;
  readonly #screen: Screen;
  readonly #seat: ViewerSeat;
  readonly #notices: Notices;
  readonly #line: Layer;
  readonly #bar: MessageBar;
  #barPushed: Disposable | undefined;
  readonly #guest: Participant;
  #mode: ViewMode;
  #content: Content | undefined;
  #shownFacts = "";

  constructor(
    scope: Scope,
    terminal: Terminal,
    options: ShowSessionOptions & { readonly workbench: Workbench },
    exits: Exits,
  ) {
    const { workbench, clock, windows, classSeat } = options;
    this.#workbench = workbench;
    this.#options = options;
    this.#exits = exits;
    this.#screen = scope.own(openScreen(terminal, { clock, onError: (error) => this.#tell(error) }));
    this.#notices = scope.own(new Notices(clock, () => this.#screen.invalidate(this.#line)));
    this.#line = {
      region: ({ columns, rows }) => area(Math.max(0, rows - 1), 0, columns),
      draw: (surface) => this.#drawLine(surface),
      handle: () => false,
    };
    this.#bar = scope.own(
      new MessageBar({
        clock,
        redraw: () => this.#screen.invalidate(),
        open: () => this.#bar.hide(),
        hint: "kept in your inbox",
        unread: () => classSeat?.unread ?? 0,
      }),
    );
    this.#guest = workbench.viewers.guest(options.viewer.title);
    const { driver } = workbench.viewers;
    this.#mode = options.mode === "drive" && driver ? "watch" : options.mode;
    this.#seat = scope.own(workbench.viewers.join({ ...options.viewer, mode: this.#mode, silent: options.silent }));
    if (this.#mode !== options.mode)
      this.#notices.show({ kind: "warning", text: `${driver?.title ?? "Somebody"} is typing here already.` });
    this.#screen.gate = (event) => this.#gate(event);
    this.#screen.setTitle(`${workbench.person.username}@classh, seen by ${options.viewer.username}`);
    scope.own(this.#screen.push(this.#line));
    scope.defer(() => this.#barPushed?.[Symbol.dispose]());
    scope.defer(() => this.#content?.pushed[Symbol.dispose]());
    scope.own(windows.onChange((changed) => changed === workbench && this.#safely(() => this.#arrange())));
    scope.own(workbench.viewers.onTakenBack(() => this.#safely(() => this.#takenBack())));
    scope.own(workbench.onChange(() => this.#safely(() => this.#factsChanged())));
    scope.own(
      workbench.documents.onEdit(
        ({ document, textChanged, by }) => textChanged && by === this.#guest && options.onEdited(document.path),
      ),
    );
    scope.own(workbench.attendance.onMove(() => this.#safely(() => this.#factsChanged())));
    if (classSeat) scope.own(classSeat.onMessage((message) => this.#bar.show(barText(message))));
  }

  /** Runs work that the owner's actions cause here. A failure must not become the owner's: it ends this screen only. */
  #safely(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#exits.broken(error);
    }
  }

  begin(): void {
    this.#arrange();
    this.#options.onMode(this.#mode);
  }

  /** The only place that decides where a viewer's input goes. */
  #gate(event: InputEvent): boolean {
    if (event.kind !== "focus") this.#notices.keyPressed();
    const command = this.#keys.commandFor(pressedKey(event));
    if (command !== undefined) {
      this.#run(command);
      return false;
    }
    if (event.kind === "focus" || isTooSmallToWatch(this.#screen.size)) return false;
    switch (this.#mode) {
      case "watch":
        return false;
      case "look":
      case "help":
        return true;
      case "drive":
        this.#drive(event);
        return false;
      default:
        return this.#mode satisfies never;
    }
  }

  #run(command: ViewerCommand): void {
    if (command === "leave") return this.#exits.leave();
    try {
      this.#setMode(command === "next-mode" ? this.#nextMode() : command);
    } catch (error) {
      this.#tell(error);
    }
  }

  /** Changes the mode. Throws a UserError when somebody else drives, or when the mode is not allowed. */
  #setMode(mode: ViewMode): void {
    if (mode === this.#mode) return;
    if (!this.#options.admits(mode)) throw new UserError("not-permitted", `you may not ${mode} here`);
    if (mode === "drive" && !this.#options.windows.last(this.#workbench))
      throw new UserError("in-use", `nobody is at ${this.#options.person}'s screen`);
    this.#seat.setMode(mode);
    this.#mode = mode;
    this.#arrange();
    this.#options.onMode(mode);
  }

  /** The next mode that this viewer may have now. */
  #nextMode(): ViewMode {
    const at = viewModes.indexOf(this.#mode);
    const order = [...viewModes.slice(at + 1), ...viewModes.slice(0, at)];
    return order.find((mode) => this.#mayHave(mode)) ?? this.#mode;
  }

  /** Whether the viewer may have a mode now. There is one driver at most, and none where the owner has no screen. */
  #mayHave(mode: ViewMode): boolean {
    const canDrive = !this.#workbench.viewers.driver && this.#options.windows.last(this.#workbench) !== undefined;
    return this.#options.admits(mode) && (mode !== "drive" || canDrive);
  }

  #takenBack(): void {
    if (this.#mode !== "drive") return;
    this.#setMode("watch");
    this.#notices.show({ kind: "warning", text: `${this.#options.person} took control back.` });
  }

  /**
   * Dispatches an event on the owner's screen as if it had been typed there; the mouse points at what is shown here.
   */
  #drive(event: InputEvent): void {
    if (this.#content?.kind !== "mirror") return;
    const { window, mirror } = this.#content;
    if (event.kind !== "mouse") return window.screen.dispatch(event);
    // A button pressed there is released there, wherever the mouse is. But none is pressed on the viewer's line or
    // beside the screen.
    if (event.action !== "release" && !mirror.shows(event)) return;
    const { row, column } = mirror.corner;
    window.screen.dispatch({ ...event, row: event.row + row, column: event.column + column });
  }

  /** Shows what belongs to the mode and to where the owner is now. */
  #arrange(): void {
    const window = this.#options.windows.last(this.#workbench);
    if (!window && this.#mode === "drive") return this.#setMode("watch");
    const shown = this.#mode === "look" || this.#mode === "help" ? undefined : window;
    this.#guest.mayEdit = this.#mode === "help";
    const fits = shown
      ? this.#content?.kind === "mirror" && this.#content.window === shown
      : this.#content?.kind === "client";
    if (fits) return this.#factsChanged();
    this.#content?.pushed[Symbol.dispose]();
    this.#content = shown ? this.#mirror(shown) : this.#client();
    this.#barPushed?.[Symbol.dispose]();
    this.#barPushed = this.#screen.push(this.#bar); // over what is shown now
    this.#screen.invalidate();
  }

  #mirror(window: OpenWindow): Content {
    const { broken } = this.#exits;
    const mirror = new Mirror({ source: window.screen, changed: () => this.#screen.invalidate(mirror), broken });
    const pushed = this.#screen.push(mirror);
    return {
      kind: "mirror",
      window,
      mirror,
      pushed: disposable(() => {
        mirror[Symbol.dispose]();
        pushed[Symbol.dispose]();
      }),
    };
  }

  /**
   * A client on the viewer's own screen. While the owner is away a watcher sees one too, and can't do anything in it.
   */
  #client(): Content {
    const { clock, log, openClient } = this.#options;
    const scope = new Scope(`guest of ${this.#workbench.id}`);
    const screen = new PartScreen(this.#screen);
    const client = openClient({
      scope,
      screen,
      workbench: this.#workbench,
      participant: this.#guest,
      clock,
      log,
      leave: this.#exits.leave,
    });
    scope.own(this.#screen.onResize(() => client.resized()));
    return {
      kind: "client",
      pushed: disposable(() => void scope.close().catch((error: unknown) => logBug(error, log))),
    };
  }

  /** Draws the line again only when it has changed: the workbench changes with every key. */
  #factsChanged(): void {
    const facts = JSON.stringify([this.#facts, this.#hints]);
    if (facts === this.#shownFacts) return;
    this.#shownFacts = facts;
    this.#screen.invalidate(this.#line);
  }

  get #facts() {
    const { documents, attendance } = this.#workbench;
    const { active } = documents;
    const isThere = this.#options.windows.last(this.#workbench) !== undefined;
    const absence = isThere
      ? undefined
      : attendance.attachments.length > 0
        ? ("elsewhere" as const)
        : ("away" as const);
    return { mode: this.#mode, file: active && `${active.name}${active.modified ? " ●" : ""}`, absence };
  }

  #drawLine(surface: Surface): void {
    drawViewerLine(surface, {
      ...this.#facts,
      person: this.#options.person,
      notice: this.#notices.current?.text,
      hints: this.#hints,
    });
  }

  /** The keys that do something now. */
  get #hints(): readonly Hint[] {
    const next = this.#nextMode();
    const straight = this.#mode === "watch" ? shortcuts.filter((mode) => mode !== next && this.#mayHave(mode)) : [];
    return [
      ...straight.map((mode) => hintOf(this.#keys, mode)),
      ...(next === this.#mode ? [] : [hintOf(this.#keys, "next-mode", modeLabels[next])]),
      hintOf(this.#keys, "leave"),
    ];
  }

  get #keys() {
    return viewerKeys[this.#mode];
  }

  #tell(error: unknown): void {
    this.#notices.show({ kind: "error", text: sentence(explain(error, this.#options.log)) });
  }
}

const modeLabels: Readonly<Record<ViewMode, string>> = {
  watch: "Only watch",
  look: "Look around",
  help: "Help",
  drive: "Drive",
};

/** Modes that have a key of their own while watching, where the line has room to show them. */
const shortcuts = ["look", "help", "drive"] as const;
