// Signatures first; the bodies follow.
import type { Clock } from "../base/clock.ts";
import type { Terminal, TerminalSize } from "../base/terminal.ts";
import type { Layer } from "./layer.ts";
import type { ColorDepth } from "./theme.ts";

export interface ScreenOptions {
  readonly clock: Clock;
  /** What a layer threw while it drew or handled an event; the person is told through report(). */
  readonly onError: (error: unknown) => void;
  /** Instead of what the client's environment says. */
  readonly colors?: ColorDepth;
}

/** Throws UserError "no-terminal" for a terminal that cannot show a screen. */
export declare function openScreen(terminal: Terminal, options: ScreenOptions): Screen;

export interface Screen extends Disposable {
  readonly size: TerminalSize;
  /** Puts a layer on top and returns what takes it away again. */
  push(layer: Layer): Disposable;
  /** The layer that is offered keys, text and pastes first (unless a modal layer lies above it). */
  focus(layer: Layer): void;
  readonly focused: Layer | undefined;
  /** Draws the layer again in the next frame; without one, or when regions changed, everything. */
  invalidate(layer?: Layer): void;
  /** Sets the window's title; the old one comes back at the end. */
  setTitle(title: string): void;
  /** Puts text on the clipboard of the person's own machine, where the terminal allows it (OSC 52). */
  copy(text: string): void;
  bell(): void;
  /** Restores the terminal and writes a last line; later calls do nothing. Disposing does the same without a line. */
  leave(farewell?: string): void;
}
