/** Whom a command may be about, role by role, where that is not everybody: for help, docs/roles.md, and the test that holds that page. */
import type { Role } from "../auth/roles.ts";

/** The words of docs/roles.md: own sections are those that a teaching assistant teaches; "no" where a permission is not enough. */
export type Limit = "own sections" | "lower roles" | "own teachers" | "no";

export type Reach = Readonly<Partial<Record<Role, Limit>>>;

/** Accounts that one may see (auth/teaching.ts: maySee). */
export const seen: Reach = { ta: "own sections" };

/** People whom one teaches (auth/teaching.ts: teaches). */
export const taught: Reach = { ta: "own sections", professor: "lower roles", admin: "lower roles" };

/** Accounts that one may change (auth/roles.ts: mayActOn). */
export const below: Reach = { professor: "lower roles" };
