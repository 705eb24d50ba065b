/** What a person did, decoded from the terminal's bytes. */

/**
 * A key by its canonical name: "Ctrl-S", "Shift-F5", "Alt-Up", "Enter", "Escape", "Tab", "Shift-Tab", "Backspace",
 * "Delete", "Insert", "Home", "End", "PageUp", "PageDown", "Up", "Down", "Left", "Right", "F1" to "F12". Modifiers come in the
 * order Ctrl-, Alt-, Shift-. `bytes` is what the terminal sent, for handing the key on to the console's program.
 */
export interface KeyEvent {
  readonly kind: "key";
  readonly name: string;
  readonly bytes: string;
}

/** Typed printable text; runs that arrive together come as one event. */
export interface TextEvent {
  readonly kind: "text";
  readonly text: string;
}

/** A bracketed paste, whole. `truncated` when it was longer than we take. */
export interface PasteEvent {
  readonly kind: "paste";
  readonly text: string;
  readonly truncated: boolean;
}

/** Rows and columns count from 0. `clicks` is 1, 2 or 3 for single, double and triple clicks. */
export interface MouseEvent {
  readonly kind: "mouse";
  readonly action: "press" | "release" | "drag" | "wheel-up" | "wheel-down";
  readonly button: "left" | "middle" | "right" | "none";
  readonly row: number;
  readonly column: number;
  readonly clicks: number;
  readonly shift: boolean;
  readonly alt: boolean;
  readonly ctrl: boolean;
}

/** The terminal's window got or lost the person's attention. */
export interface FocusEvent {
  readonly kind: "focus";
  readonly focused: boolean;
}

export type InputEvent = KeyEvent | TextEvent | PasteEvent | MouseEvent | FocusEvent;
