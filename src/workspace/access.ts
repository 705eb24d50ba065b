/** Who may see and change what: the one module that turns a person and a path into a location. */
import { UserError } from "../base/errors.ts";
import { encodeName, shown } from "./file-names.ts";
import { courseFolders, formatPath, homePath, parsePath, staffFolder, staffFolders } from "./paths.ts";

/** The person whose rights count. */
export interface Person {
  readonly username: string;
  readonly role: "student" | "ta" | "professor" | "admin";
}

/** A student in the staff's file browser. */
export interface Student {
  readonly username: string;
  /** Empty when nobody entered one. */
  readonly name: string;
  readonly section: string | undefined;
}

/** The students below /students: only those whom the person teaches, and no staff. */
export interface Students {
  /** Brings what is known up to date. Rejects only if nothing is known at all. */
  refresh(): Promise<void>;
  find(person: Person, username: string): Student | undefined;
  list(person: Person): readonly Student[];
}

/** A top folder of the file browser. */
export interface Root {
  readonly path: string;
  readonly label: string;
  readonly writable: boolean;
}

/** A folder that exists only in the path language; it can be listed and nothing else. */
export interface VirtualFolder {
  readonly kind: "virtual";
  readonly path: string;
  readonly children: readonly string[];
}

/** Something below DIR/files. */
export interface DiskLocation {
  readonly kind: "disk";
  readonly path: string;
  /** The names that lead there from DIR/files. */
  readonly names: readonly Buffer[];
  /** The last of the names. */
  readonly name: Buffer;
  readonly writable: boolean;
  /** Whether it is a home, a course folder or the list of students, which are never renamed or deleted. */
  readonly fixed: boolean;
  /** The account on whose quota files there count; undefined for the course. */
  readonly owner: string | undefined;
}

export type Location = VirtualFolder | DiskLocation;

/** The directory on disk that holds the homes. */
export const homesFolder = "Local";

/** The rule of auth/account.ts, which this folder may not import. */
const accountName = /^(?!.*\.(?:\.|$))[a-z0-9][a-z0-9._-]{0,31}$/;

/** Whether a text can be the name of an account: only those become directories of homes. */
export function isAccountName(text: string): boolean {
  return accountName.test(text);
}

export function isTeacher(person: Person): boolean {
  return person.role === "professor" || person.role === "admin";
}

/** Whether somebody is a teacher or a teaching assistant. */
export function isStaff(person: Person): boolean {
  return person.role !== "student";
}

/** The top folders in the file browser. */
export function rootsOf(person: Person): readonly Root[] {
  const home: Root = { path: homePath(person.username), label: "home", writable: true };
  const course: Root = { path: "/course", label: "course", writable: isTeacher(person) };
  if (!isStaff(person)) return [home, course];
  const writable = isTeacher(person);
  return [
    home,
    course,
    { path: "/students", label: "students", writable },
    { path: "/staff", label: "staff", writable },
  ];
}

/** The location of a path. Throws what is wrong with the path, or that this person may not go there. */
export function locate(text: string, person: Person, folderDepth: number, students: Students): Location {
  const names = parsePath(text, person.username);
  const path = formatPath(names);
  const [area, second, ...rest] = names;
  if (rest.length > folderDepth) {
    throw new UserError(
      "too-deep",
      `folders can be at most ${folderDepth} levels deep`,
      "Move the files to a folder further up.",
    );
  }
  switch (area) {
    case undefined:
      return { kind: "virtual", path, children: rootsOf(person).map((root) => root.path.split("/")[1] ?? "") };
    case "home":
      if (second === undefined) return { kind: "virtual", path, children: [person.username] };
      if (second !== person.username) throw notYourHome(second, person);
      return homeLocation(path, second, rest, true);
    case "course":
      if (second === undefined) return { kind: "virtual", path, children: courseFolders };
      return sharedLocation(path, { folders: courseFolders, of: "the course", second, rest }, person);
    case "staff":
      return staffLocation(path, second, rest, person);
    case "students":
      return studentsLocation({ path, second, rest }, person, students);
    default:
      throw noSuchPath(path);
  }
}

function homeLocation(path: string, owner: string, rest: readonly string[], writable: boolean): DiskLocation {
  return diskLocation(path, [homesFolder, owner, ...rest], { writable, fixed: rest.length === 0, owner });
}

function studentsLocation(
  {
    path,
    second,
    rest,
  }: { readonly path: string; readonly second: string | undefined; readonly rest: readonly string[] },
  person: Person,
  students: Students,
): Location {
  if (!isStaff(person))
    throw new UserError(
      "not-permitted",
      "only teachers can look at other students' files",
      `Your own files are in ${homePath(person.username)}.`,
    );
  if (second === undefined)
    return diskLocation(path, [homesFolder], { writable: false, fixed: true, owner: undefined });
  if (!isAccountName(second)) throw noSuchPath(path);
  // The same answer for colleagues, for students of others, and for names that do not exist.
  if (!students.find(person, second))
    throw new UserError(
      "file-not-found",
      `there is no ${second} in /students for you`,
      "It holds the students you teach, and no staff.",
    );
  return homeLocation(path, second, rest, isTeacher(person));
}

function staffLocation(path: string, second: string | undefined, rest: readonly string[], person: Person): Location {
  // For students the same answer as for any name that does not exist.
  if (!isStaff(person)) throw noSuchPath(path);
  if (second === undefined) return { kind: "virtual", path, children: staffFolders };
  return sharedLocation(path, { folders: staffFolders, of: "/staff", below: staffFolder, second, rest }, person);
}

/** A place in the folders that everybody of a kind shares. */
interface SharedPlace {
  readonly folders: readonly string[];
  /** Whose they are. */
  readonly of: string;
  /** The directory on disk that holds them; DIR/files by default. */
  readonly below?: string;
  readonly second: string;
  readonly rest: readonly string[];
}

function sharedLocation(path: string, { folders, of, below, second, rest }: SharedPlace, person: Person): DiskLocation {
  const known = folders.find((name) => name === second);
  if (!known)
    throw new UserError(
      "file-not-found",
      `there is no folder ${shown(second)} in ${of}`,
      `There are ${folders.join(", ")}.`,
    );
  return diskLocation(path, [...(below === undefined ? [] : [below]), known, ...rest], {
    writable: isTeacher(person),
    fixed: rest.length === 0,
    owner: undefined,
  });
}

function diskLocation(
  path: string,
  names: readonly string[],
  rights: Pick<DiskLocation, "writable" | "fixed" | "owner">,
): DiskLocation {
  const encoded = names.map(encodeName);
  return { kind: "disk", path, names: encoded, name: encoded.at(-1) ?? Buffer.alloc(0), ...rights };
}

function notYourHome(name: string, person: Person): UserError {
  const hint = isStaff(person)
    ? `Students' files are in /students/${shown(name)}.`
    : `Your own files are in ${homePath(person.username)}.`;
  return new UserError("not-permitted", `not your home: /home/${shown(name)}`, hint);
}

function noSuchPath(path: string): UserError {
  return new UserError(
    "file-not-found",
    `there is no ${shown(path)}`,
    "Paths begin with /home or /course; without a / at the beginning they start in your home.",
  );
}
