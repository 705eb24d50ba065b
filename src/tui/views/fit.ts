/** Makes text fit a number of columns, in whole characters. */
import { charWidth, stringWidth } from "../../base/width.ts";
import { takeColumns } from "../../base/wrap.ts";

const ellipsis = "…";

/** `text` cut at its end to at most `width` columns; an ellipsis shows that something is missing. */
export function fitEnd(text: string, width: number): string {
  if (width <= 0) return "";
  if (stringWidth(text) <= width) return text;
  return takeColumns(text, width - 1) + ellipsis;
}

/** `text` cut at its start to at most `width` columns, for paths, where the end matters most. */
export function fitStart(text: string, width: number): string {
  if (width <= 0) return "";
  let rest = stringWidth(text);
  if (rest <= width) return text;
  let index = 0;
  for (const character of text) {
    if (rest <= width - 1) break;
    rest -= charWidth(character.codePointAt(0) ?? 0);
    index += character.length;
  }
  return ellipsis + text.slice(index);
}

/** `text` cut or padded with spaces to exactly `width` columns. */
export function padTo(text: string, width: number): string {
  const fitted = fitEnd(text, width);
  return fitted + " ".repeat(Math.max(0, width - stringWidth(fitted)));
}
