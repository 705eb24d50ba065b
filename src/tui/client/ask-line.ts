/** The question for "Go to a line". */
import type { Dialogs } from "../parts/dialogs.ts";

/** The number of a line, perhaps beyond the last; undefined when the person gave up. */
export async function askLine(dialogs: Dialogs, last: number): Promise<number | undefined> {
  const answer = await dialogs.prompt({
    title: "Go to line",
    label: `Which line? 1 to ${last}`,
    check: (value) => (/^\s*\d+\s*$/.test(value) ? undefined : "Type a number."),
  });
  return answer === undefined ? undefined : Number(answer);
}
