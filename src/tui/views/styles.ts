/** The few styles that views share. One accent colour; red, yellow and green only beside a word or sign. */
import type { CellStyle } from "../../terminal/draw/cell-style.ts";

export const plain: CellStyle = {};
export const text: CellStyle = { foreground: "text" };
export const dim: CellStyle = { foreground: "dim" };
export const accent: CellStyle = { foreground: "accent" };
export const rule: CellStyle = { foreground: "rule" };
/** The title of the pane in focus. */
export const titleFocused: CellStyle = { foreground: "accent", bold: true };
/** The titles of the other panes. */
export const title: CellStyle = { foreground: "dim" };
export const bold: CellStyle = { bold: true };
export const error: CellStyle = { foreground: "error", bold: true };
export const warning: CellStyle = { foreground: "warning" };
export const success: CellStyle = { foreground: "success" };
/** The selected row of a list that has the focus. */
export const selected: CellStyle = { background: "selection", bold: true };
/** The selected row of a list that does not have the focus. */
export const selectedPlain: CellStyle = { background: "current-line" };

export const dialog: CellStyle = { foreground: "dialog-text", background: "dialog" };
export const dialogKeys: CellStyle = { ...dialog, bold: true };
export const dialogDim: CellStyle = { foreground: "dim", background: "dialog" };
export const dialogTitle: CellStyle = { foreground: "accent", background: "dialog", bold: true };
export const dialogBorder: CellStyle = { foreground: "accent", background: "dialog" };
export const dialogError: CellStyle = { foreground: "error", background: "dialog", bold: true };
export const dialogAdded: CellStyle = { foreground: "success", background: "dialog" };
export const dialogRemoved: CellStyle = { foreground: "error", background: "dialog" };
export const dialogSelected: CellStyle = { foreground: "dialog-text", background: "selection", bold: true };
export const fieldStyle: CellStyle = { foreground: "text", background: "selection" };
export const button: CellStyle = { foreground: "dialog-text", background: "dialog" };
export const buttonFocused: CellStyle = { foreground: "accent", background: "button", bold: true };

export const bar: CellStyle = { foreground: "bar-text", background: "bar" };
export const barBold: CellStyle = { ...bar, bold: true };
export const barWarning: CellStyle = { foreground: "warning", background: "bar", bold: true };
