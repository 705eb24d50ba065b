/** What the columns of a list mean: the names that course systems give them, or `--columns`. */
import { folded } from "../base/fold.ts";
import { UserError } from "../base/errors.ts";
import type { Line } from "./roster-text.ts";
import { printable } from "./table.ts";

/** The columns of classh's own lists, in order. */
export const rosterColumns = ["username", "name", "email", "role", "section", "teaches"] as const;

/** Further meanings of a column: the two parts of a name, and a number that can replace a username. */
const columns = [...rosterColumns, "firstname", "lastname", "id"] as const;

/** The meaning of a column. */
export type Column = (typeof columns)[number];

/** The columns of one list. */
export interface Columns {
  /** The meaning of each cell of a line; undefined for an ignored one. */
  readonly meaning: readonly (Column | undefined)[];
  /** The names of columns without a meaning here. */
  readonly ignored: readonly string[];
  /** Whether the first line is a header. */
  readonly hasHeader: boolean;
  /** Whether the list has the header that `user export` writes: its cells are taken literally. */
  readonly isOurs: boolean;
  /** Separates the sections of one person. */
  readonly sectionSeparator: RegExp;
}

/** The names of columns, as `plain` gives them. An earlier name is better: a login rather than a number. */
const known: Readonly<Record<Column, readonly string[]>> = {
  username: [
    "username",
    "sisloginid",
    "loginid",
    "login",
    "user",
    "userlogin",
    "loginname",
    "accountname",
    "account",
    "netid",
    "uniqname",
    "andrewid",
    "userid",
    "identifier",
    "benutzername",
    "anmeldename",
    "kennung",
    "nomdutilisateur",
    "identifiant",
    "nombredeusuario",
    "usuario",
    "nomeutente",
  ],
  id: [
    "sisuserid",
    "studentid",
    "studentnumber",
    "idnumber",
    "matrikelnummer",
    "matriculationnumber",
    "orgdefinedid",
    "externalid",
  ],
  name: [
    "name",
    "fullname",
    "student",
    "studentname",
    "displayname",
    "vollstandigername",
    "nomcomplet",
    "nombrecompleto",
  ],
  firstname: ["firstname", "givenname", "forename", "first", "vorname", "prenom"],
  lastname: ["lastname", "surname", "familyname", "last", "nachname", "familienname", "apellidos", "cognome"],
  email: [
    "email",
    "emailaddress",
    "mail",
    "emailadresse",
    "mailadresse",
    "adressedecourriel",
    "correoelectronico",
    "courriel",
  ],
  role: ["role", "roles", "courserole", "rolle", "rollen"],
  section: [
    "section",
    "sections",
    "registrationsection",
    "group",
    "groups",
    "group1",
    "gruppe",
    "gruppen",
    "groupe",
    "groupes",
    "grupo",
    "grupos",
    "class",
    "period",
  ],
  teaches: ["teaches"],
};

/** A header cell without capitals, accents, blanks and signs: "E-Mail-Adresse" is "emailadresse". */
function plain(name: string): string {
  return folded(name).replace(/[^\p{L}\p{N}]/gu, "");
}

/**
 * The columns of a list with this first line; `wanted` is `--columns`. Throws `bad-roster` when nothing tells whom a
 * line is about, `usage` for a bad `--columns`.
 */
export function columnsOf(first: Line, wanted: string | undefined): Columns {
  const map = wanted === undefined ? [] : parseMap(wanted);
  if (map.length > 0 && map.every(({ header }) => header === undefined)) {
    const meaning = map.map(({ column }) => column);
    requireSomebody(meaning);
    return { meaning, ignored: [], hasHeader: false, isOurs: false, sectionSeparator: separatorIn([], meaning) };
  }
  const meaning = meaningOf(first.cells, map);
  requireSomebody(meaning);
  const ignored = first.cells
    .filter((cell, index) => meaning[index] === undefined && cell !== "")
    .map((cell) => printable(cell).slice(0, 60));
  const isOurs = first.cells.join(",") === rosterColumns.join(",") && map.length === 0;
  return { meaning, ignored, hasHeader: true, isOurs, sectionSeparator: separatorIn(first.cells, meaning) };
}

/**
 * "A; B" anywhere; "A, B" in a column of the plural, as Moodle has it; "A and B" in Canvas, elsewhere that is one name.
 */
function separatorIn(cells: readonly string[], meaning: readonly (Column | undefined)[]): RegExp {
  const names = cells.map(plain);
  if (names.includes("sisloginid") || names.includes("sisuserid")) return /\s*[;|]\s*|\s+and\s+(?=\S)/;
  return /s$|gruppen$/.test(names[meaning.indexOf("section")] ?? "") && names[meaning.indexOf("section")] !== "class"
    ? /\s*[;|,]\s*/
    : /\s*[;|]\s*/;
}

interface Mapping {
  /** The name in the list's header; undefined for the column at this position. */
  readonly header: string | undefined;
  readonly column: Column | undefined;
}

const mapHint = `--columns 'Login=username,Full Name=name' names columns of the header; --columns username,-,name is for lists without one. The meanings are ${columns.join(", ")}.`;

function parseMap(text: string): readonly Mapping[] {
  const map = text.split(",").map((entry): Mapping => {
    const at = entry.lastIndexOf("=");
    const name = entry
      .slice(at + 1)
      .trim()
      .toLowerCase();
    if (name === "-" || (name === "" && at < 0))
      return { header: at < 0 ? undefined : entry.slice(0, at).trim(), column: undefined };
    const column = columns.find((one) => one === name);
    if (!column)
      throw new UserError(
        "usage",
        `--columns: there is no column ${JSON.stringify(printable(name).slice(0, 40))}`,
        mapHint,
      );
    return { header: at < 0 ? undefined : entry.slice(0, at).trim(), column };
  });
  if (map.some(({ header }) => header === undefined) && map.some(({ header }) => header !== undefined)) {
    throw new UserError("usage", "--columns must either name the list's columns or give them all in order", mapHint);
  }
  return map;
}

function meaningOf(cells: readonly string[], map: readonly Mapping[]): readonly (Column | undefined)[] {
  const meaning: (Column | undefined)[] = cells.map(() => undefined);
  const taken = new Set<Column>();
  const assigned = new Set<number>();
  for (const { header = "", column } of map) {
    const at = cells.findIndex((cell, index) => !assigned.has(index) && plain(cell) === plain(header));
    if (at < 0)
      throw new UserError(
        "usage",
        `--columns: the list has no column ${JSON.stringify(printable(header).slice(0, 40))}`,
        `It has: ${cells
          .map((cell) => printable(cell).slice(0, 40))
          .slice(0, 20)
          .join(", ")}.`,
      );
    assigned.add(at);
    meaning[at] = column;
    if (column) taken.add(column);
  }
  for (const column of columns) {
    if (taken.has(column)) continue;
    const at = bestOf(cells, known[column], assigned);
    if (at === undefined) continue;
    assigned.add(at);
    meaning[at] = column;
  }
  // A number beside a login has no meaning here.
  return meaning.includes("username") ? meaning.map((column) => (column === "id" ? undefined : column)) : meaning;
}

/**
 * The first column with the best of these names. Throws `bad-roster` when two columns have it, since either could be
 * meant.
 */
function bestOf(cells: readonly string[], names: readonly string[], assigned: ReadonlySet<number>): number | undefined {
  for (const name of names) {
    const found = cells.flatMap((cell, index) => (!assigned.has(index) && plain(cell) === name ? [index] : []));
    if (found.length > 1)
      throw new UserError(
        "bad-roster",
        `the list has two columns called ${printable(cells[found[0] ?? 0] ?? "").slice(0, 40)}`,
        "Rename one of them, then say which you mean: --columns HEADER=COLUMN.",
      );
    if (found[0] !== undefined) return found[0];
  }
  return undefined;
}

function requireSomebody(meaning: readonly (Column | undefined)[]): void {
  const double = meaning.find((column, index) => column !== undefined && meaning.indexOf(column) !== index);
  if (double) throw new UserError("usage", `--columns gives the meaning ${double} twice`, mapHint);
  if (meaning.some((column) => column === "username" || column === "id" || column === "email")) return;
  throw new UserError(
    "bad-roster",
    "the list has no column with user names, numbers or e-mail addresses",
    `classh can't tell whom a line is about. Say which column it is: --columns HEADER=username. ${mapHint}`,
  );
}
