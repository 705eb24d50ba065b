import type { Account } from "./account.ts";
import { isAbove, may } from "./roles.ts";

/** The one who looks. */
export type Observer = Pick<Account, "username" | "role" | "sections">;

/** The one who is looked at. */
export type Observed = Pick<Account, "username" | "role" | "section">;

/**
 * Whether `viewer` teaches `person`: may see them in the class, attach to them, answer their hand. Professors and
 * admins teach everybody below them; teaching assistants the students of their own sections; students nobody. Nobody
 * teaches themselves.
 */
export function teaches(viewer: Observer, person: Observed): boolean {
  if (viewer.username === person.username) return false;
  switch (viewer.role) {
    case "student":
      return false;
    case "ta":
      return person.role === "student" && person.section !== undefined && viewer.sections.includes(person.section);
    case "professor":
    case "admin":
      return isAbove(viewer.role, person.role);
    default:
      return viewer.role satisfies never;
  }
}

/**
 * Whether `person` is a student in a section that `viewer` teaches by name, for rights that a role alone does not give.
 */
export function isInOwnSection(viewer: Observer, person: Observed): boolean {
  return (
    viewer.role !== "student" &&
    person.role === "student" &&
    person.section !== undefined &&
    viewer.sections.includes(person.section)
  );
}

/**
 * Whether `viewer` may read the account: their own, those of people whom they teach, and all with the right to read
 * every account.
 */
export function maySee(viewer: Observer, person: Observed): boolean {
  return viewer.username === person.username || may(viewer.role, "user.read") || teaches(viewer, person);
}
