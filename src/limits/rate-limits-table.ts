/** The statements of the table rate_limits: when each key is at rest again. */

/**
 * $3 is what one take costs and $4 how far ahead a key may be, in seconds. `fresh` is what a fresh key would get, so that minus the cost is the
 * time now, the same one in all places; it is read when the row is ours, since a take that had to wait for another one would else be refused for
 * having come first. A millionth of a second for the rounding of times.
 */
export const takeStatement = `
  INSERT INTO rate_limits AS r (limit_name, subject, full_at, allowed)
    VALUES ($1, $2, clock_timestamp() + $3 * interval '1 second', true)
  ON CONFLICT (limit_name, subject) DO UPDATE SET (allowed, full_at) = (
    SELECT r.full_at <= latest, CASE WHEN r.full_at <= latest THEN greatest(r.full_at + $3 * interval '1 second', fresh) ELSE r.full_at END
    FROM (SELECT clock_timestamp() + $3 * interval '1 second' AS fresh OFFSET 0) AS now,
      LATERAL (SELECT fresh + ($4::float8 - $3::float8 + 1e-6) * interval '1 second' AS latest) AS bound)
  RETURNING allowed, (extract(epoch FROM full_at - clock_timestamp()) - $4)::float8 AS wait`;

/** Forgets what a key took: the limit, the key. */
export const resetStatement = "DELETE FROM rate_limits WHERE limit_name = $1 AND subject = $2 RETURNING true";

/** Removes what is at rest, a row for each; $1 at most. */
export const sweepRates = `
  DELETE FROM rate_limits WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM rate_limits WHERE full_at < clock_timestamp() LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1`;

/** Keys that are not at rest, as rows of LimitInfo. */
export const busyRates = `
  SELECT limit_name AS "limit", subject, '' AS address, NULL::integer AS failures, allowed,
    extract(epoch FROM full_at - clock_timestamp())::float8 AS "secondsLeft"
  FROM rate_limits WHERE full_at > clock_timestamp()`;
