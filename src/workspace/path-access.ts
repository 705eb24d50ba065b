import { UserError } from "../base/errors.ts";
import {
  isStaff,
  locate,
  rootsOf,
  type DiskLocation,
  type Person,
  type Location,
  type Root,
  type Students,
} from "./access.ts";
import { openDirectory } from "./confined.ts";
import type { Descriptor } from "./descriptor.ts";
import { explained, notAFile } from "./file-failures.ts";
import { folderOf, formatPath, parsePath, shownFileName } from "./paths.ts";

export interface PathAccessOptions {
  /** DIR/files. */
  readonly directory: string;
  readonly folderDepth: number;
  readonly students: Students;
}

/** What paths mean to one person: the location of each, and whether they may change what is there. */
export class PathAccess {
  readonly person: Person;
  readonly #options: PathAccessOptions;

  constructor(person: Person, options: PathAccessOptions) {
    this.person = person;
    this.#options = options;
  }

  /** The top folders that this person sees. */
  get roots(): readonly Root[] {
    return rootsOf(this.person);
  }

  /** The absolute path that the person means: relative to their home, without `.`, `..` and `~`. */
  normalise(path: string): string {
    return formatPath(parsePath(path, this.person.username));
  }

  /** To be called before locating paths that may lead to students: who may go there can change at any moment. */
  async refresh(...paths: readonly string[]): Promise<void> {
    if (paths.some((path) => this.#isForeign(path))) await this.#options.students.refresh();
  }

  /** The location of a path; throws as `locate` in access.ts. */
  locate(path: string): Location {
    return locate(path, this.person, this.#options.folderDepth, this.#options.students);
  }

  /** The location on disk. Throws `not-a-file` for a virtual folder. */
  onDisk(path: string): DiskLocation {
    const location = this.locate(path);
    if (location.kind === "disk") return location;
    throw notAFile(location.path, "directory");
  }

  /** The location on disk. Throws `read-only` where the person may not change anything. */
  writable(path: string): DiskLocation {
    const location = this.locate(path);
    if (location.kind === "disk" && !location.fixed && location.writable) return location;
    if (location.kind === "disk" && !location.fixed && location.owner !== undefined) {
      throw new UserError(
        "read-only",
        `you can't change ${shownFileName(location.path)}: it belongs to a student`,
        "Copy it to your own files and change the copy.",
      );
    }
    if (location.kind === "disk" && !location.fixed) {
      throw new UserError(
        "read-only",
        `you can't change ${shownFileName(location.path)}: it belongs to the course`,
        `Copy it to your own files and change the copy (${this.roots[0]?.path}/${shownFileName(location.path)}).`,
      );
    }
    throw new UserError(
      "read-only",
      `you can't change ${shownFileName(location.path)}: it is one of the fixed folders`,
      "You can change files and folders inside your own home.",
    );
  }

  open(location: DiskLocation): Promise<Descriptor> {
    return openDirectory(this.#options.directory, location.names);
  }

  openParent(location: DiskLocation): Promise<Descriptor> {
    const folder = folderOf(location.path);
    return explained(folder, () => openDirectory(this.#options.directory, location.names.slice(0, -1)));
  }

  #isForeign(path: string): boolean {
    return isStaff(this.person) && parsePath(path, this.person.username)[0] === "students";
  }
}
