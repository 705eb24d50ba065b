/** What of the table users other modules join: everything else of it is asked of `Accounts`. */

/** Who has an account, for joins: username, name, section, role, state. */
export const people = "(SELECT username, name, section, role, state FROM users)";
