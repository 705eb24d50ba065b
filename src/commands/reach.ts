/** Whom a command may be about, role by role, where that is not everybody: for help, docs/roles.md, and the test that holds that page. */
import type { Role } from "../auth/roles.ts";

/** The words of docs/roles.md: own sections are those that one teaches by name; "no" where a permission is not enough. */
export type Limit = "own sections" | "lower roles" | "own teachers" | "no";

export type Reach = Readonly<Partial<Record<Role, Limit>>>;

/** Accounts that one may see (auth/teaching.ts: maySee). */
export const seen: Reach = { ta: "own sections" };

/** People whom one teaches (auth/teaching.ts: teaches). */
export const taught: Reach = { ta: "own sections", professor: "lower roles", admin: "lower roles" };

/** Students of one's own sections, for whom is not an admin (people.ts: requireManages). */
export const managed: Reach = { professor: "own sections" };

/** Accounts that one may give a new password. */
export const resettable: Reach = { ta: "own sections", professor: "lower roles" };

/** Accounts that one may change (auth/roles.ts: mayActOn). */
export const below: Reach = { professor: "lower roles" };
