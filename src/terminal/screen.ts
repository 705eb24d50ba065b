import type { Clock } from "../base/clock.ts";
import { Emitter, type Event } from "../base/events.ts";
import type { Terminal, TerminalSize } from "../base/terminal.ts";
import { terminalLines } from "../base/wrap.ts";
import { Compositor, type Picture } from "./compositor.ts";
import { FramePacer } from "./frame-pacer.ts";
import type { InputEvent } from "./input/event.ts";
import { InputPump } from "./input/pump.ts";
import type { Layer } from "./layer.ts";
import { copySequence, requireScreen, terminalModes, titleSequence, type TerminalModes } from "./terminal-modes.ts";
import { backdropOf, createTheme, detectColors, type ColorDepth } from "./theme.ts";

export interface ScreenOptions {
  readonly clock: Clock;
  /** Takes what a layer threw while it drew or handled an event; must not throw itself. */
  readonly onError: (error: unknown) => void;
  /** Instead of what the client's environment says. */
  readonly colors?: ColorDepth;
}

/**
 * Takes over a terminal: saves what it shows, listens to its keys, draws layers. Throws UserError "no-terminal" for a
 * terminal that cannot show a screen. Whoever opens a screen disposes it, also when the terminal is gone.
 */
export function openScreen(terminal: Terminal, options: ScreenOptions): Screen {
  requireScreen(terminal.term);
  return new Screen(terminal, options);
}

/** Decides about what the person types before any layer sees it: true lets it through. */
export type Gate = (event: InputEvent) => boolean;

/** What layers are put on: a whole screen, or a part of one. */
export interface Canvas {
  readonly size: TerminalSize;
  push(layer: Layer): Disposable;
  focus(layer: Layer): void;
  invalidate(layer?: Layer): void;
  setTitle(title: string): void;
  copy(text: string): boolean;
  dispatch(event: InputEvent): void;
}

/** One person's screen. */
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

  constructor(terminal: Terminal, options: ScreenOptions) {
    const { clock, onError } = options;
    this.#terminal = terminal;
    this.#onError = onError;
    this.#modes = terminalModes(terminal.term);
    this.#depth = options.colors ?? detectColors(terminal.term, terminal.env);
    this.#compositor = new Compositor({ size: terminal.size, theme: createTheme(this.#depth), onError });
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

  get size(): TerminalSize {
    return this.#terminal.size;
  }

  /** The terminal has a new size; layers are placed and drawn anew without being told. */
  get onResize(): Event<TerminalSize> {
    return this.#resized.on;
  }

  /** What the person sees, as of the last frame. */
  get picture(): Picture {
    return this.#compositor.picture;
  }

  /** A frame was composed; the listener reads it at once and must not throw. */
  get onPicture(): Event<Picture> {
    return this.#compositor.onComposed;
  }

  /** Has all that is typed here decided about first; undefined lets everything through. */
  set gate(gate: Gate | undefined) {
    this.#gate = gate;
  }

  /** Puts a layer on top and returns what takes it away again. */
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

  /** Has a layer offered keys, text and pastes first, unless a modal layer lies above it. */
  focus(layer: Layer): void {
    this.#compositor.focus(layer);
    this.invalidate();
  }

  get focused(): Layer | undefined {
    return this.#compositor.focused;
  }

  /** Offers an event to the layers as if it had just been typed, without asking the gate: for input that was held back, and that of whoever drives. */
  dispatch(event: InputEvent): void {
    if (!this.#left && this.#compositor.dispatch(event)) this.#pacer.request();
  }

  /** Draws the layer again in the next frame; without one, all layers. */
  invalidate(layer?: Layer): void {
    this.#compositor.invalidate(layer);
    this.#pacer.request();
  }

  /** Clears the terminal and draws everything, when something else has written to it. */
  redraw(): void {
    this.#compositor.resize(this.size);
    this.#pacer.request();
  }

  /** Sets the window's title; the old one comes back at the end. */
  setTitle(title: string): void {
    if (title === this.#title || this.#left || !this.#modes.hasWindow) return;
    this.#title = title;
    this.#terminal.write(titleSequence(title));
  }

  /** Puts text on the clipboard of the person's own machine; false where that cannot be done. */
  copy(text: string): boolean {
    const sequence = this.#modes.hasWindow && !this.#left ? copySequence(text) : undefined;
    if (sequence === undefined) return false;
    this.#terminal.write(sequence);
    return true;
  }

  bell(): void {
    if (!this.#left) this.#terminal.write("\x07");
  }

  /** Gives the terminal back as it was, with a last sentence for the person; later calls do nothing. */
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
    if (this.#admits(event)) this.dispatch(event);
  }

  /** A gate that fails lets nothing through. */
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
  }

  /** The terminal told its background: use the colours made for it. */
  #learn(reply: string): void {
    const backdrop = backdropOf(reply);
    if (!backdrop || this.#left) return;
    this.#compositor.setTheme(createTheme(this.#depth, backdrop));
    this.#pacer.request();
  }
}
