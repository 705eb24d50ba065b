import type { DiskLocation, Student } from "./access.ts";
import type { Descriptor } from "./descriptor.ts";
import { entryOf, type Entry } from "./entry.ts";
import { readNames } from "./confined.ts";
import { byNaturalOrder, decodeName, encodeName, isReserved, shown } from "./file-names.ts";
import { childPath } from "./paths.ts";
import { statAll } from "./walk.ts";

/** Entries of a folder: folders first, names in natural order. */
export interface Listing {
  readonly entries: readonly Entry[];
  /** Whether there are more than are listed. */
  readonly truncated: boolean;
}

/** The entries of an open folder, at most `limit`. */
export async function listFolder(folder: Descriptor, location: DiskLocation, limit: number): Promise<Listing> {
  const names = await readNames(folder, limit + 1);
  const entries: Entry[] = [];
  for await (const { name, stats } of statAll(folder, names.slice(0, limit))) {
    const text = decodeName(name);
    if (!isReserved(text)) entries.push(entryOf(childPath(location.path, text), stats, location.writable));
  }
  const sorted = byNaturalOrder(entries, (entry) => entry.name);
  const folders = sorted.filter((entry) => entry.kind === "directory");
  const others = sorted.filter((entry) => entry.kind !== "directory");
  return { entries: [...folders, ...others], truncated: names.length > limit };
}

/** The homes of students with name and section; those who have never been here have no files. */
export async function listStudents(
  folder: Descriptor,
  location: DiskLocation,
  { students, writable }: { readonly students: readonly Student[]; readonly writable: boolean },
): Promise<Listing> {
  const known = new Map(students.map((student) => [student.username, student]));
  const entries: Entry[] = [];
  for await (const { name, stats } of statAll(folder, [...known.keys()].map(encodeName))) {
    const student = known.get(decodeName(name));
    if (student && stats.isDirectory())
      entries.push({
        ...entryOf(childPath(location.path, student.username), stats, writable),
        name: shownStudent(student),
      });
  }
  return { entries: byNaturalOrder(entries, (entry) => entry.name), truncated: false };
}

/** "ada (Ada Lovelace, A)". */
function shownStudent({ username, name, section }: Student): string {
  const about = [name, section].filter(Boolean).join(", ");
  return shown(about === "" ? username : `${username} (${about})`);
}
