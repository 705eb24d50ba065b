/**
 * Who is here. The table live_sessions belongs to cluster/session-table.ts, which stands above this folder. The class
 * needs it in the same statement as hands and messages, twice a second for everybody, so this is the only other place
 * that reads it.
 */

/**
 * The sessions as a table for joins: username, session, state ("here", "running", "away"), since, file, work (see
 * work.ts).
 */
export const presence =
  "(SELECT username, session, state, since, detail->>'file' AS file, detail->'work' AS work FROM live_sessions)";
