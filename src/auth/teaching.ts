import type { Account } from "./account.ts";
import { isAbove, may } from "./roles.ts";

/** Who looks at somebody, and with which right. */
export type Observer = Pick<Account, "username" | "role" | "sections">;

/** Who is looked at. */
export type Observed = Pick<Account, "username" | "role" | "section">;

/**
 * Whether `viewer` teaches `person`: may see them in the class, attach to them, answer their hand. Professors and admins
 * teach everybody below them; teaching assistants the students of their own sections; students nobody, nor does anybody
 * teach themselves.
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

/** Whether `person` is a student in a section that `viewer` teaches by name: what is asked where a role alone is not enough. */
export function isInOwnSection(viewer: Observer, person: Observed): boolean {
  return (
    viewer.role !== "student" &&
    person.role === "student" &&
    person.section !== undefined &&
    viewer.sections.includes(person.section)
  );
}

/** Whether `viewer` may read the account: one's own, those that one teaches, and all for whom may read every account. */
export function maySee(viewer: Observer, person: Observed): boolean {
  return viewer.username === person.username || may(viewer.role, "user.read") || teaches(viewer, person);
}
