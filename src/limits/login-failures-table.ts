/**
 * Statements of the table login_failures: failed logins by account and address; rows with address '' count all
 * addresses of an account.
 */

/** One row, always. $3: seconds after which failures are forgotten; $4: seconds that the address must stay known for `lasting`. */
export const countsStatement = `
  SELECT p.failures AS pair_failures, extract(epoch FROM clock_timestamp() - p.failed_at)::float8 AS since,
    k.known_until > clock_timestamp() AS known, k.known_until > clock_timestamp() + $4 * interval '1 second' AS lasting,
    (SELECT a.failures FROM login_failures a WHERE a.username = $1 AND a.address = ''
       AND a.failed_at > clock_timestamp() - $3 * interval '1 second') AS account_failures
  FROM (SELECT) AS one LEFT JOIN login_failures k ON k.username = $1 AND k.address = $2
    LEFT JOIN login_failures p ON p.username = $1 AND p.address = $2
    AND p.failed_at > clock_timestamp() - $3 * interval '1 second'`;

/** Both rows in the same order everywhere: otherwise two failures at once would deadlock. */
export const failedStatement = `
  INSERT INTO login_failures AS f (username, address, failures, failed_at)
    VALUES ($1, '', 1, clock_timestamp()), ($1, $2, 1, clock_timestamp())
  ON CONFLICT (username, address) DO UPDATE SET
    failures = CASE WHEN f.failed_at > clock_timestamp() - $3 * interval '1 second' THEN least(f.failures, 1000000) + 1 ELSE 1 END,
    failed_at = clock_timestamp()`;

/** A successful login: the pair has no failures, and its address is known for $3 seconds. */
export const succeededStatement = `
  INSERT INTO login_failures AS f (username, address, failures, failed_at, known_until)
    VALUES ($1, $2, 0, '-infinity', clock_timestamp() + $3 * interval '1 second')
  ON CONFLICT (username, address) DO UPDATE SET failures = 0, known_until = excluded.known_until`;

/** Removes the failures of an account. */
export const forgetStatement = "DELETE FROM login_failures WHERE username = $1 RETURNING failures";

/** Rows that no longer matter; the quarter of an hour is login-throttle.ts's. */
const forgotten = "failed_at < clock_timestamp() - interval '15 minutes' AND known_until < clock_timestamp()";

/** Removes rows that no longer matter, $1 at most; returns a row for each. */
export const sweepFailures = `
  DELETE FROM login_failures WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM login_failures WHERE ${forgotten} LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1`;

/** Removes the oldest rows beyond $2, $1 at most; returns a row for each. */
export const sweepSurplus = `
  DELETE FROM login_failures WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM login_failures ORDER BY known_until DESC, failed_at DESC OFFSET $2 LIMIT $1)) RETURNING 1`;

/** Accounts with failures that still count, as rows of `LimitInfo`. */
export const recentFailures = `
  SELECT 'login' AS "limit", username AS subject, address, failures, true AS allowed,
    extract(epoch FROM failed_at + interval '15 minutes' - clock_timestamp())::float8 AS "secondsLeft"
  FROM login_failures WHERE failures > 0 AND failed_at > clock_timestamp() - interval '15 minutes'`;
