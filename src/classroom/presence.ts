/**
 * Who is here. cluster/session-table.ts owns the table live_sessions, and stands above this folder: what it writes into it is of use to the class
 * only in the same statement as hands and messages, twice a second for everybody. So it is read here and in no other place.
 */

/** The sessions of people, for joins: username, session, state ("here", "running", "away"), since, file, work (see work.ts). */
export const presence =
  "(SELECT username, session, state, since, detail->>'file' AS file, detail->'work' AS work FROM live_sessions)";
