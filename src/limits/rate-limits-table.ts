/** Statements of the table rate_limits: when each key will be at rest. */

/**
 * Takes one. $3 is the cost of a take and $4 how far ahead a key may be, in seconds. `fresh` is what a fresh key would
 * get, so that `fresh` minus the cost is the time now, the same one in all places. It is read after the row was locked:
 * a take that had to wait for another one would otherwise be refused for having come first. A millionth of a second
 * allows for the rounding of times.
 */
export const takeStatement = `
  INSERT INTO rate_limits AS r (limit_name, subject, full_at, allowed)
    VALUES ($1, $2, clock_timestamp() + $3 * interval '1 second', true)
  ON CONFLICT (limit_name, subject) DO UPDATE SET (allowed, full_at) = (
    SELECT r.full_at <= latest, CASE WHEN r.full_at <= latest THEN greatest(r.full_at + $3 * interval '1 second', fresh) ELSE r.full_at END
    FROM (SELECT clock_timestamp() + $3 * interval '1 second' AS fresh OFFSET 0) AS now,
      LATERAL (SELECT fresh + ($4::float8 - $3::float8 + 1e-6) * interval '1 second' AS latest) AS bound)
  RETURNING allowed, (extract(epoch FROM full_at - clock_timestamp()) - $4)::float8 AS wait`;

/** Forgets what a key took. $1: the limit, $2: the key. */
export const resetStatement = "DELETE FROM rate_limits WHERE limit_name = $1 AND subject = $2 RETURNING true";

/** Removes keys at rest, $1 at most; returns a row for each. */
export const sweepRates = `
  DELETE FROM rate_limits WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM rate_limits WHERE full_at < clock_timestamp() LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1`;

/** Keys that are not at rest, as rows of `LimitInfo`. */
export const busyRates = `
  SELECT limit_name AS "limit", subject, '' AS address, NULL::integer AS failures, allowed,
    extract(epoch FROM full_at - clock_timestamp())::float8 AS "secondsLeft"
  FROM rate_limits WHERE full_at > clock_timestamp()`;
