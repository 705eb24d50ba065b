/**
 * Where a student's program runs when a member of staff starts it: as it would for the student (the same name, the home
 * at its path, the course read-only, nothing of /students), on a throw-away copy of the student's home. It gets no
 * rights of the person who starts it: otherwise a program could read their files or write to the course without any
 * hole in the jail.
 */
import type { Settings } from "../config/schema.ts";
import { UserError } from "../base/errors.ts";
import type { JailSpec } from "../runner/jail-spec.ts";
import type { Copying, HomeCopy } from "../workspace/home-copy.ts";
import type { Person } from "../workspace/workspace.ts";
import type { Workspaces } from "../workspace/workspaces.ts";
import { canonicalPath } from "./lock-owner.ts";
import { jailSpecFor } from "./jail-spec-for.ts";

/** A student's program, ready to run as that student. Disposing removes the copy; what ran on it must have ended. */
export interface StudentSandbox extends AsyncDisposable {
  /** The student's username. */
  readonly student: string;
  /** The file's path for the person who starts it: /students/ada/area.py. */
  readonly path: string;
  /** The same file's path in the jail: /home/ada/area.py. */
  readonly file: string;
  /** The jail to run it in. */
  readonly jailSpec: JailSpec;
  /** The copy that the program writes to. */
  readonly copy: HomeCopy;
}

/** The student to whom a path below /students leads; undefined for any other path. */
export function studentOf(path: string): string | undefined {
  return /^\/students\/([^/]+)\//.exec(path)?.[1];
}

/** Makes sandboxes for files below /students. */
export class StudentSandboxes {
  readonly #workspaces: Workspaces;
  readonly #limits: Settings["limits"];

  constructor(workspaces: Workspaces, limits: Settings["limits"]) {
    this.#workspaces = workspaces;
    this.#limits = limits;
  }

  /**
   * Copies the home of the student who owns the file. Throws when `person` may not read it, and what `HomeCopies.make`
   * throws.
   */
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

/** The words beside a program's name while it runs in a sandbox: "as ada, on a copy". */
export function runsAs({ student }: StudentSandbox): string {
  return `as ${student}, on a copy`;
}
