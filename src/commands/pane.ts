/** A part of the screen that can have the focus. */
export type Pane = "files" | "editor" | "console" | "variables";
