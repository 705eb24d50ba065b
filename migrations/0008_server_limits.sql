-- The limit of sessions holds for all processes and machines together.
--
-- Order of locks: the advisory lock of session_claim comes first; whoever waits for it holds nothing.

-- session_claim, with a limit: `status` is also full (nobody new has room; the other columns tell who has been away for the
-- longest time, if anybody is) or soon (ask again). Whoever has a session already needs no room.
--
-- Nobody may count while somebody else is about to enter. One after the other would be slow at ten o'clock, so as long as there
-- is room for everybody who could be on the way, which is one for each connection, people enter together, under a shared lock:
-- the last of them to count saw all the rest but those that are still on their way. Near the limit the lock is exclusive.
CREATE FUNCTION session_claim(p_session text, p_username text, p_node text, p_most integer,
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
    WHERE s.username = p_username AND n.expires_at > clock_timestamp();
  IF FOUND THEN
    RETURN;
  END IF;
  -- What belongs to those whose time is up takes no room.
  DELETE FROM node_lease l WHERE l.node <> p_node AND l.node = ANY (ARRAY(
    SELECT d.node FROM node_lease d WHERE d.expires_at <= clock_timestamp() FOR UPDATE SKIP LOCKED));
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

-- Sessions of this node whose persons are away and that are more than p_most, the longest absent first to go. Counted from
-- those who left last: so it does not matter to one node's answer whether another one has ended its own already.
CREATE FUNCTION session_surplus(p_node text, p_most integer) RETURNS TABLE (surplus text) LANGUAGE sql STABLE AS $$
  SELECT r.session FROM (
    SELECT s.session, s.node, row_number() OVER (ORDER BY (s.detail ->> 'awaySince')::numeric DESC, s.session) AS place
    FROM live_sessions s WHERE s.detail ->> 'awaySince' IS NOT NULL) r
  WHERE r.place > p_most AND r.node = p_node
$$;
