/** Input events, decoded from the terminal's bytes. */

/**
 * A key by its canonical name: "Ctrl-S", "Shift-F5", "Alt-Up", "Enter", "Escape", "Tab", "Shift-Tab", "Backspace",
 * "Delete", "Insert", "Home", "End", "PageUp", "PageDown", "Up", "Down", "Left", "Right", "F1" to "F12". Modifiers
 * stand in the order Ctrl-, Alt-, Shift-.
 */
export interface KeyEvent {
  readonly kind: "key";
  readonly name: string;
}

/** Printable text that was typed. Characters that arrive together make one event. */
export interface TextEvent {
  readonly kind: "text";
  readonly text: string;
}

/** A whole bracketed paste. `truncated`: it was longer than the limit, and its end is missing. */
export interface PasteEvent {
  readonly kind: "paste";
  readonly text: string;
  readonly truncated: boolean;
}

/** A mouse event. Rows and columns count from 0; `clicks` is 1, 2 or 3 for single, double and triple clicks. */
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

/** The terminal's window got or lost the focus. */
export interface FocusEvent {
  readonly kind: "focus";
  readonly focused: boolean;
}

/** Anything that a person does at a terminal. */
export type InputEvent = KeyEvent | TextEvent | PasteEvent | MouseEvent | FocusEvent;
