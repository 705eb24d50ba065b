-- On a machine that uses the database alone a lease ends with its process, and not with the time (src/locks/outage-policy.ts).
--
-- A database that is away for longer than a lease proves nothing about a process of this machine: whether that lives can be looked up. So the
-- row of such a process stays, however late its next beat comes, until another process of the machine has seen that it is dead. Other machines
-- can't look; for them the time goes on being what counts. A process knows from its last beat whether there are any.

ALTER TABLE node_lease ADD COLUMN until_death boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN node_lease.until_death IS 'no process of its own machine may end it because its time is up; only because it is dead';

-- As in 0002, and `others`: processes of other machines use this database. p_alone: this machine is to serve alone. A lease that lasts until death is
-- prolonged also when its time was up, as long as its row is there: nobody can have taken what hangs on the row.
DROP FUNCTION lock_beat(text, double precision);
CREATE FUNCTION lock_beat(p_node text, p_seconds double precision, p_alone boolean DEFAULT false,
  OUT alive boolean, OUT orphans boolean, OUT peers jsonb, OUT others boolean) LANGUAGE plpgsql AS $$
DECLARE
  v_host text;
BEGIN
  SELECT n.host INTO v_host FROM node_lease n WHERE n.node = p_node;
  others := EXISTS (SELECT FROM node_lease n WHERE n.host <> v_host AND n.expires_at > clock_timestamp());
  UPDATE node_lease n SET expires_at = clock_timestamp() + p_seconds * interval '1 second', until_death = p_alone AND NOT others
    WHERE n.node = p_node AND (n.until_death OR n.expires_at > clock_timestamp());
  alive := FOUND;
  -- SKIP LOCKED: a lease that is being used right now is looked at again with the next beat. Under the row lock
  -- PostgreSQL reads the row again, so that a lease prolonged in the meantime stays.
  DELETE FROM node_lease n WHERE n.node = ANY (ARRAY(
    SELECT d.node FROM node_lease d WHERE d.expires_at <= clock_timestamp() AND NOT (d.until_death AND d.host IS NOT DISTINCT FROM v_host)
    FOR UPDATE SKIP LOCKED));
  orphans := EXISTS (SELECT FROM locks l WHERE NOT EXISTS (SELECT FROM node_lease n WHERE n.node = l.node))
    OR EXISTS (SELECT FROM lock_waiters w WHERE NOT EXISTS (SELECT FROM node_lease n WHERE n.node = w.node));
  SELECT coalesce(jsonb_agg(jsonb_build_object('node', n.node, 'pid', n.pid, 'start', n.process_start,
      'late', n.expires_at <= clock_timestamp())), '[]') INTO peers
    FROM node_lease n WHERE n.node <> p_node AND n.host = v_host;
END $$;

-- As in 0003, but a late holder of the same machine whose lease lasts until death still has its sessions.
CREATE OR REPLACE FUNCTION session_claim(p_session text, p_username text, p_node text,
  OUT status text, OUT session text, OUT node text, OUT name text, OUT host text, OUT socket text, OUT address text)
LANGUAGE plpgsql AS $$
BEGIN
  LOOP
    INSERT INTO live_sessions (session, username, node)
      SELECT p_session, p_username, n.node FROM node_lease n WHERE n.node = p_node AND (n.until_death OR n.expires_at > clock_timestamp())
      ON CONFLICT DO NOTHING;
    IF FOUND THEN
      status := 'claimed';
      RETURN;
    END IF;
    -- A holder whose time is up is gone, whether or not anybody has noticed. This takes its sessions with it.
    DELETE FROM node_lease l USING live_sessions s
      WHERE s.username = p_username AND l.node = s.node AND l.node <> p_node AND l.expires_at <= clock_timestamp()
        AND NOT (l.until_death AND l.host IS NOT DISTINCT FROM (SELECT o.host FROM node_lease o WHERE o.node = p_node));
    SELECT 'elsewhere', s.session, n.node, n.name, n.host, e.socket, e.address
      INTO status, session, node, name, host, socket, address
      FROM live_sessions s JOIN node_lease n ON n.node = s.node LEFT JOIN node_endpoints e ON e.node = s.node
      WHERE s.username = p_username;
    IF FOUND THEN
      RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM node_lease n WHERE n.node = p_node AND (n.until_death OR n.expires_at > clock_timestamp())) THEN
      status := 'no-lease';
      RETURN;
    END IF;
  END LOOP;
EXCEPTION WHEN foreign_key_violation THEN
  status := 'no-lease'; -- it ended at this very moment
END $$;

-- As in 0008, with the same exception.
CREATE OR REPLACE FUNCTION session_claim(p_session text, p_username text, p_node text, p_most integer,
  OUT status text, OUT session text, OUT node text, OUT name text, OUT host text, OUT socket text, OUT address text)
LANGUAGE plpgsql AS $$
DECLARE
  v_connections integer := current_setting('max_connections')::integer;
  v_alone boolean;
  v_others integer;
BEGIN
  SELECT count(*) + 2 * v_connections > p_most INTO v_alone FROM live_sessions;
  IF v_alone THEN
    PERFORM pg_advisory_xact_lock(hashtext('classh sessions'));
  ELSE
    PERFORM pg_advisory_xact_lock_shared(hashtext('classh sessions'));
  END IF;
  SELECT count(*) INTO v_others FROM live_sessions s WHERE s.username <> p_username;
  IF (v_others + CASE WHEN v_alone THEN 1 ELSE v_connections END) <= p_most THEN
    SELECT c.* INTO status, session, node, name, host, socket, address FROM session_claim(p_session, p_username, p_node) c;
    RETURN;
  END IF;
  IF NOT v_alone THEN
    status := 'soon'; -- very many came in between
    RETURN;
  END IF;
  SELECT 'elsewhere', s.session, n.node, n.name, n.host, e.socket, e.address
    INTO status, session, node, name, host, socket, address
    FROM live_sessions s JOIN node_lease n ON n.node = s.node LEFT JOIN node_endpoints e ON e.node = s.node
    WHERE s.username = p_username AND (n.until_death OR n.expires_at > clock_timestamp());
  IF FOUND THEN
    RETURN;
  END IF;
  -- What belongs to those whose time is up takes no room.
  DELETE FROM node_lease l WHERE l.node <> p_node AND l.node = ANY (ARRAY(
    SELECT d.node FROM node_lease d WHERE d.expires_at <= clock_timestamp()
      AND NOT (d.until_death AND d.host IS NOT DISTINCT FROM (SELECT o.host FROM node_lease o WHERE o.node = p_node))
    FOR UPDATE SKIP LOCKED));
  IF FOUND THEN
    status := 'soon';
    RETURN;
  END IF;
  SELECT s.session, n.node, n.name, n.host, e.socket, e.address INTO session, node, name, host, socket, address
    FROM live_sessions s JOIN node_lease n ON n.node = s.node LEFT JOIN node_endpoints e ON e.node = s.node
    WHERE s.detail ->> 'awaySince' IS NOT NULL
    ORDER BY (s.detail ->> 'awaySince')::numeric, s.session LIMIT 1;
  status := 'full';
END $$;
