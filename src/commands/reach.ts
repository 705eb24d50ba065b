/**
 * Whom a command may be about, by role, where that is not everybody: for help, docs/roles.md, and the test of that
 * page.
 */
import type { Role } from "../auth/roles.ts";

/**
 * The words of docs/roles.md. Own sections are those that the person teaches by name; "no" means that the permission is
 * not enough.
 */
export type Limit = "own sections" | "lower roles" | "own teachers" | "no";

/** The limit of each role; a role that is missing reaches everybody. */
export type Reach = Readonly<Partial<Record<Role, Limit>>>;

/** The accounts that a person may see (auth/teaching.ts: maySee). */
export const seen: Reach = { ta: "own sections" };

/** The people whom a person teaches (auth/teaching.ts: teaches). */
export const taught: Reach = { ta: "own sections", professor: "lower roles", admin: "lower roles" };

/** The students of a person's own sections, unless the person is an admin (people.ts: requireManages). */
export const managed: Reach = { professor: "own sections" };

/** The accounts to which a person may give a new password. */
export const resettable: Reach = { ta: "own sections", professor: "lower roles" };

/** The accounts that a person may change (auth/roles.ts: mayActOn). */
export const below: Reach = { professor: "lower roles" };
