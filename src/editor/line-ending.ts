/** Line endings and the lines of a text. */

import { Text } from "@codemirror/state";
import type { LineEnding } from "./types.ts";

/** Line ends that tell which kind a file uses. */
const lineEndSample = 200;

/** The lines of a text, whatever their endings. */
export function textOf(text: string): Text {
  return Text.of(text.includes("\r") ? text.split(/\r\n?|\n/) : text.split("\n"));
}

/** The more frequent line ending at the beginning of a text. */
export function lineEndingOf(text: string): LineEnding {
  let windows = 0;
  let total = 0;
  for (let at = text.indexOf("\n"); at >= 0 && total < lineEndSample; at = text.indexOf("\n", at + 1)) {
    total++;
    if (text.charAt(at - 1) === "\r") windows++;
  }
  return windows * 2 > total ? "\r\n" : "\n";
}
