/**
 * Where a student's program runs when somebody of the staff starts it: as it would for her (her name, her home at its path, the course
 * read-only, nothing of /students), on a throw-away copy of her home. Whoever starts it lends it nothing: a program that could read
 * the starter's files or write to the course would need no hole in the jail, only a teacher's curiosity.
 */
import type { Settings } from "../config/schema.ts";
import { UserError } from "../base/errors.ts";
import type { JailSpec } from "../runner/jail-spec.ts";
import type { Copying, HomeCopy } from "../workspace/home-copy.ts";
import type { Person } from "../workspace/workspace.ts";
import type { Workspaces } from "../workspace/workspaces.ts";
import { canonicalPath } from "./lock-owner.ts";
import { jailSpecFor } from "./jail-spec-for.ts";

/** A student's program, ready to be run as hers. Disposing removes the copy: what ran on it must have ended. */
export interface StudentSandbox extends AsyncDisposable {
  /** Whose program it is. */
  readonly student: string;
  /** The file as whoever starts it calls it: /students/ada/area.py. */
  readonly path: string;
  /** The same file in the jail: /home/ada/area.py. */
  readonly file: string;
  readonly jailSpec: JailSpec;
  readonly copy: HomeCopy;
}

/** Whose files a path leads to, where it leads to a student's by the staff's way. */
export function studentOf(path: string): string | undefined {
  return /^\/students\/([^/]+)\//.exec(path)?.[1];
}

/** What of /students runs, and where. */
export class StudentSandboxes {
  readonly #workspaces: Workspaces;
  readonly #limits: Settings["limits"];

  constructor(workspaces: Workspaces, limits: Settings["limits"]) {
    this.#workspaces = workspaces;
    this.#limits = limits;
  }

  /** Copies the home of the student whose file it is. Throws what `person` may not read, and what HomeCopies.make throws. */
  async open(person: Person, path: string, copying: Copying = {}): Promise<StudentSandbox> {
    const student = studentOf(path);
    const entry = await this.#workspaces.for(person).stat(path);
    if (student === undefined || entry.kind !== "file")
      throw new UserError("not-a-file", `not a file: ${entry.name}`, "Give the path of a Python file.");
    const copy = await this.#workspaces.copyHome(student, copying);
    const jailSpec = jailSpecFor(
      this.#workspaces,
      this.#limits,
      { username: student, role: "student" },
      copy.directory,
    );
    return {
      student,
      path,
      file: canonicalPath(path),
      jailSpec: { ...jailSpec, startedBy: person.username },
      copy,
      [Symbol.asyncDispose]: () => copy[Symbol.asyncDispose](),
    };
  }
}

/** What stands beside a program's name while it runs like this. */
export function runsAs({ student }: StudentSandbox): string {
  return `as ${student}, on a copy`;
}
