/** Text for spreadsheets. */
import { stringify } from "csv-stringify/sync";

/**
 * A spreadsheet runs a cell that begins like this, whoever wrote it: a student's own name could be a formula that sends
 * the class elsewhere. An apostrophe before it makes it text; `harmful` removes it again, so that classh's own lists come
 * back unchanged.
 */
const formula = /^'*[=+\-@\t\r\uff0b\uff0d\uff1d\uff20]/;

/** What a cell was before it was made harmless. */
export function harmful(cell: string): string {
  return cell.startsWith("'") && formula.test(cell) ? cell.slice(1) : cell;
}

function harmless(cell: string): string {
  return formula.test(cell) ? `'${cell}` : cell;
}

/** Lines of CSV. */
export function csvText(rows: readonly (readonly string[])[]): string {
  return stringify(rows.map((row) => row.map(harmless)));
}
