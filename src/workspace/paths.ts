/**
 * The path language: one path means the same in the file browser, in Python, in commands and in messages.
 *   /home/<user>   /course/{Lecture Notes,Assignments,Tests}   /students/<user>   /staff/{Assignments,Tests}
 * A relative path starts at the person's own home, and so does `~`. Paths are text as in file-names.ts.
 */
import { UserError } from "../base/errors.ts";
import { decodeName, encodeName, shown } from "./file-names.ts";

/** Folders of the course, by their names on disk and in paths. */
export const courseFolders = ["Lecture Notes", "Assignments", "Tests"] as const;

/** Folders of the staff, by their names on disk (in `staffFolder`) and in paths: what students get to see only in parts. */
export const staffFolders = ["Assignments", "Tests"] as const;

/** The directory on disk that holds the staff's folders. */
export const staffFolder = "Staff";

/** Bytes of the longest path that Linux allows. */
const maxPath = 4096;

/** `/home/ada`: the home of an account, in the path language. */
export function homePath(username: string): string {
  return `/home/${username}`;
}

/** The names of an absolute path, from the top, without `.` and `..`. Throws `bad-path` for what can't be a path. */
export function parsePath(text: string, username: string): readonly string[] {
  if (text === "") throw new UserError("bad-path", "the path is empty", "Name a file, for example welcome.py.");
  if (text.includes("\0")) throw new UserError("bad-path", `not a path: ${shown(text)} contains a NUL character`);
  if (encodeName(text).length >= maxPath)
    throw new UserError("bad-path", "the path is too long", "Use fewer or shorter folder names.");
  const names: string[] = [];
  for (const name of absolute(text, username).split("/")) {
    if (name === "..") names.pop();
    // Each byte sequence has exactly one text: "\udcc3\udca9" would be another text for "é".
    else if (name !== "" && name !== ".") names.push(decodeName(encodeName(name)));
  }
  return names;
}

function absolute(text: string, username: string): string {
  if (text.startsWith("/")) return text;
  if (text === "~" || text.startsWith("~/")) return homePath(username) + text.slice(1);
  return `${homePath(username)}/${text}`;
}

/** The path of names from the top. */
export function formatPath(names: readonly string[]): string {
  return `/${names.join("/")}`;
}

/** The last name of a path; empty for "/". */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The path of a name in a folder. */
export function childPath(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}

/** The folder of what is at a path; empty for what is at the top. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** Name of the file at a path, as messages may show it. */
export function shownFileName(path: string): string {
  return shown(nameOf(path) || path);
}
