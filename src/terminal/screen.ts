import type { Clock } from "../base/clock.ts";
import { Emitter, type Event } from "../base/events.ts";
import { timings } from "../base/measures.ts";
import type { Terminal, TerminalSize } from "../base/terminal.ts";
import { terminalLines } from "../base/wrap.ts";
import { Compositor, type Picture } from "./compositor.ts";
import { FramePacer, maxUnacknowledged } from "./frame-pacer.ts";
import type { InputEvent } from "./input/event.ts";
import { InputPump } from "./input/pump.ts";
import type { Layer } from "./layer.ts";
import { copySequence, requireScreen, terminalModes, titleSequence, type TerminalModes } from "./terminal-modes.ts";
import { backdropOf, createTheme, detectColors, type ColorDepth } from "./theme.ts";

/** What a screen is made from. */
export interface ScreenOptions {
  readonly clock: Clock;
  /** Takes what a layer threw while it drew or handled an event; must not throw itself. */
  readonly onError: (error: unknown) => void;
  /** The terminal's colours; by default what TERM and the client's environment say. */
  readonly colors?: ColorDepth;
}

/**
 * Takes over a terminal: saves what it shows, listens to its keys and draws layers. Throws UserError "no-terminal" for
 * a terminal that can't show a screen. The caller disposes the screen, also when the terminal has closed.
 */
export function openScreen(terminal: Terminal, options: ScreenOptions): Screen {
  requireScreen(terminal.term);
  return new Screen(terminal, options);
}

/** Decides whether an event that the person typed reaches the layers: true lets it through. */
export type Gate = (event: InputEvent) => boolean;

/** What layers are shown on: a whole screen, or part of one. The members are those of `Screen`. */
export interface Canvas {
  readonly size: TerminalSize;
  push(layer: Layer): Disposable;
  focus(layer: Layer): void;
  invalidate(layer?: Layer): void;
  setTitle(title: string): void;
  copy(text: string): boolean;
  dispatch(event: InputEvent): void;
}

/** The screen on one terminal. */
export class Screen implements Canvas, Disposable {
  readonly #terminal: Terminal;
  readonly #modes: TerminalModes;
  readonly #depth: ColorDepth;
  readonly #compositor: Compositor;
  readonly #pacer: FramePacer;
  readonly #pump: InputPump;
  readonly #resizeListener: Disposable;
  readonly #resized = new Emitter<TerminalSize>();
  readonly #onError: (error: unknown) => void;
  #gate: Gate | undefined;
  #title: string | undefined;
  #left = false;
  /** When the first key came of those that no frame has followed yet. */
  #keyAt = 0;
  #drawn = false;

  constructor(terminal: Terminal, options: ScreenOptions) {
    const { clock, onError } = options;
    this.#terminal = terminal;
    this.#onError = onError;
    this.#modes = terminalModes(terminal.term);
    this.#depth = options.colors ?? detectColors(terminal.term, terminal.env);
    this.#compositor = new Compositor({
      size: terminal.size,
      theme: createTheme(this.#depth),
      canMove: this.#modes.canMove,
      onError,
    });
    this.#pacer = new FramePacer(terminal, clock, () => this.#draw());
    this.#pump = new InputPump(terminal, {
      clock,
      onEvent: (event) => this.#handle(event),
      onReply: (reply) => this.#learn(reply),
    });
    this.#resizeListener = terminal.onResize((size) => {
      this.#pacer.request();
      this.#resized.emit(size);
    });
    terminal.write(this.#modes.enter);
    this.#pacer.request();
  }

  /** The terminal's size, in cells. */
  get size(): TerminalSize {
    return this.#terminal.size;
  }

  /** Fires when the terminal has a new size. The layers are laid out and drawn again without being told. */
  get onResize(): Event<TerminalSize> {
    return this.#resized.on;
  }

  /** The picture of the last frame. */
  get picture(): Picture {
    return this.#compositor.picture;
  }

  /** Fires when a frame has been composed. The listener reads it at once and must not throw. */
  get onPicture(): Event<Picture> {
    return this.#compositor.onComposed;
  }

  /** Decides about every event that is typed here; undefined lets everything through. */
  set gate(gate: Gate | undefined) {
    this.#gate = gate;
  }

  /** Adds a layer on top. Disposing the result removes it. */
  push(layer: Layer): Disposable {
    const pushed = this.#compositor.push(layer);
    this.#pacer.request();
    return {
      [Symbol.dispose]: () => {
        pushed[Symbol.dispose]();
        this.#pacer.request();
      },
    };
  }

  /** Gives a layer the focus: it is offered keys, text and pastes first, unless a modal layer lies above it. */
  focus(layer: Layer): void {
    this.#compositor.focus(layer);
    this.invalidate();
  }

  /** The layer in focus; undefined when none has it. */
  get focused(): Layer | undefined {
    return this.#compositor.focused;
  }

  /**
   * Offers an event to the layers as if it had just been typed, without asking the gate: for input that was held back,
   * and for input of somebody who drives.
   */
  dispatch(event: InputEvent): void {
    if (!this.#left && this.#compositor.dispatch(event)) this.#pacer.request();
  }

  /** Draws the layer again in the next frame; without an argument, all layers. */
  invalidate(layer?: Layer): void {
    this.#compositor.invalidate(layer);
    this.#pacer.request();
  }

  /** Clears the terminal and draws everything, for when something else has written to it. */
  redraw(): void {
    this.#compositor.resize(this.size);
    this.#pacer.request();
  }

  /** Sets the window's title. The old one is restored at the end. */
  setTitle(title: string): void {
    if (title === this.#title || this.#left || !this.#modes.hasWindow) return;
    this.#title = title;
    this.#terminal.write(titleSequence(title));
  }

  /**
   * Puts text on the clipboard of the person's own machine. False where that is not possible: no clipboard, or a text
   * too long.
   */
  copy(text: string): boolean {
    const sequence = this.#modes.hasWindow && !this.#left ? copySequence(text) : undefined;
    if (sequence === undefined) return false;
    this.#terminal.write(sequence);
    return true;
  }

  /** Rings the terminal's bell. */
  bell(): void {
    if (!this.#left) this.#terminal.write("\x07");
  }

  /** Restores the terminal and prints a last sentence for the person. Later calls do nothing. */
  leave(farewell?: string): void {
    if (this.#left) return;
    this.#left = true;
    this.#pump[Symbol.dispose]();
    this.#pacer[Symbol.dispose]();
    this.#resizeListener[Symbol.dispose]();
    this.#compositor[Symbol.dispose]();
    this.#terminal.write(
      this.#modes.leave + (farewell === undefined ? "" : terminalLines(farewell, this.size.columns)),
    );
  }

  [Symbol.dispose](): void {
    this.leave();
  }

  #handle(event: InputEvent): void {
    // A client that is behind sees its frames late by its own fault.
    if (this.#keyAt === 0 && event.kind !== "mouse" && this.#terminal.unacknowledged <= maxUnacknowledged)
      this.#keyAt = timings.keyToFrame.start();
    if (this.#admits(event)) this.dispatch(event);
    // A key that changes nothing is followed by no frame.
    if (!this.#pacer.requested) this.#keyAt = 0;
  }

  /** Asks the gate. When it fails, nothing gets through. */
  #admits(event: InputEvent): boolean {
    if (!this.#gate) return true;
    try {
      return this.#gate(event);
    } catch (error) {
      this.#onError(error);
      return false;
    }
  }

  #draw(): void {
    const { columns, rows } = this.#compositor.size;
    const { size } = this.#terminal;
    if (size.columns !== columns || size.rows !== rows) this.#compositor.resize(size);
    const bytes = this.#compositor.frame();
    if (bytes !== "") this.#terminal.write(bytes);
    timings.keyToFrame.end(this.#keyAt);
    this.#keyAt = 0;
    if (!this.#drawn) timings.firstPaint.endFor(this.#terminal);
    this.#drawn = true;
  }

  /** Chooses the colours made for the background that the terminal has reported. */
  #learn(reply: string): void {
    const backdrop = backdropOf(reply);
    if (!backdrop || this.#left) return;
    this.#compositor.setTheme(createTheme(this.#depth, backdrop));
    this.#pacer.request();
  }
}
