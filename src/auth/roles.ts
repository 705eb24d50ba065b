/** Who may do what, decided only here; every entry point (screen, exec, SFTP) asks `may`. */

/** Every role, the lowest first. */
export const roles = ["student", "ta", "professor", "admin"] as const;

/** A role of `roles`. */
export type Role = (typeof roles)[number];

/** The lowest role that has each permission; every higher role has it, too. */
const minRole = {
  /** Open the IDE, read and write one's own files, change one's own password and keys. */
  session: "student",
  /** Run programs in one's own jail. */
  run: "student",
  /** Read /course. */
  "course.read": "student",
  /** Write to one's teachers; as staff to one's students and to other staff. */
  "message.send": "student",
  /** See the students of one's own sections. */
  "user.read-section": "ta",
  /** See what the server is doing: load, sessions, versions. */
  status: "ta",
  /** See who is online. */
  "session.read": "ta",
  /** See how the students of one's own sections are doing. */
  "class.read": "ta",
  /** See how much the students of one's own sections worked: logins, hours, runs, errors. */
  "usage.read-section": "ta",
  /** Answer raised hands of one's own sections. */
  "hand.manage": "ta",
  /** Write to all students of one's own sections at once. */
  broadcast: "ta",
  /** Attach to the session of somebody whom one teaches. */
  attach: "ta",
  /** See every account. */
  "user.read": "professor",
  /** Change /course and /staff. */
  "course.write": "professor",
  /** Read /staff, and run the checks of an assignment. */
  "staff.read": "ta",
  /** Read /students and try programs there, of the students whom one teaches. */
  "students.read": "ta",
  /** Write to /students. */
  "students.files": "professor",
  /** Give a student a new initial password; as an assistant only in one's own sections. */
  "user.reset-password": "ta",
  /** Do what a term needs in one's own sections: add and move students, end their sessions, release their locks. */
  "section.manage": "professor",
  /** Read the audit trail about the students of one's own sections. */
  "audit.read-section": "professor",
  /** Add, disable, enable and remove accounts; set any account's role and password. */
  "user.write": "admin",
  /** Read the audit trail. */
  "audit.read": "admin",
  /** See how much everybody worked. */
  "usage.read": "admin",
  /** Follow the server's log. */
  "log.read": "admin",
  /** Make, read and restore backups. */
  backup: "admin",
  /** Check the installation. */
  doctor: "admin",
} as const satisfies Record<string, Role>;

/** A permission; the comments in `minRole` say what each allows. */
export type Permission = keyof typeof minRole;

/** Every permission, for documentation and tests. */
export const permissions = Object.keys(minRole) as readonly Permission[];

/** Whether an account with this role has the permission. */
export function may(role: Role, permission: Permission): boolean {
  return rank(role) >= rank(minRole[permission]);
}

/**
 * Whether somebody may act on another's account (reset its password, disable it). Apart from admins only a higher role
 * may: a professor who could reset an admin's password would be an admin.
 */
export function mayActOn(actor: Role, subject: Role): boolean {
  return actor === "admin" || isAbove(actor, subject);
}

/** Whether the first role is higher than the second. */
export function isAbove(role: Role, other: Role): boolean {
  return rank(role) > rank(other);
}

/** Whether a text names a role. */
export function isRole(text: string): text is Role {
  return (roles as readonly string[]).includes(text);
}

function rank(role: Role): number {
  return roles.indexOf(role);
}
