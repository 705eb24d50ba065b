/** A file of its own: `classh COMMAND` and the primary need it without all that commands need. */
import type { Report } from "../base/errors.ts";

/** What an error looks like on stderr: a line for the message, one for the hint; with `json` the same as a document. */
export function errorText(told: Report, json: boolean): string {
  const lines = [`classh: ${told.message}`, ...(told.hint ? [told.hint] : [])];
  if (json) lines.push(JSON.stringify({ error: { code: told.code, message: told.message, hint: told.hint ?? null, ...told.facts } }));
  return `${lines.join("\n")}\n`;
}
