/** The question for "Go to a line". */
import type { Dialogs } from "../parts/dialogs.ts";

/** The number of a line, 1 or more and perhaps beyond `last`; undefined when the person cancels. */
export async function askLine(dialogs: Dialogs, last: number): Promise<number | undefined> {
  const answer = await dialogs.prompt({
    title: "Go to line",
    label: `Which line? 1 to ${last}`,
    check: (value) => (/^\s*\d+\s*$/.test(value) ? undefined : "Type a number."),
  });
  return answer === undefined ? undefined : Number(answer);
}
