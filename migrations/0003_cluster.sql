-- Who is where: which node has which person's session, and how the other nodes reach it.
--
-- Both tables hang on node_lease: when a node's lease ends, by itself or because somebody knows that the process is dead,
-- its rows are gone in the same moment, and what it had can be taken over. Nothing else has to sweep them.
--
-- Order of locks: whoever inserts here holds nothing else but the key of its own lease. Nobody who holds one of these rows
-- asks for a lease. So the end of a lease, which takes its rows with it, never waits in a circle.

CREATE TABLE node_endpoints (
  node text COLLATE "C" PRIMARY KEY REFERENCES node_lease ON DELETE CASCADE,
  -- A unix socket, for nodes on the same machine; with its host as in node_lease.
  socket text NOT NULL,
  -- HOST:PORT for nodes on other machines; null: this node can't be reached from there.
  address text,
  -- It takes no new sessions.
  draining boolean NOT NULL DEFAULT false
);

CREATE TABLE live_sessions (
  session text COLLATE "C" PRIMARY KEY,
  -- One session for each person, however many terminals look at it.
  username text COLLATE "C" NOT NULL CONSTRAINT live_sessions_username UNIQUE,
  node text COLLATE "C" NOT NULL REFERENCES node_lease ON DELETE CASCADE,
  state text NOT NULL DEFAULT 'here' CONSTRAINT live_sessions_state CHECK (state IN ('here', 'running', 'away')),
  since timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- What lists show besides: from where, which file, what is not saved.
  detail jsonb NOT NULL DEFAULT '{}' CONSTRAINT live_sessions_detail_size CHECK (octet_length(detail::text) <= 20000)
) WITH (fillfactor = 70);

CREATE INDEX live_sessions_node ON live_sessions (node);

-- Takes a person's one place for a session that is about to begin. `status` is claimed, elsewhere (the other columns tell
-- where) or no-lease. Of two who ask at the same moment the second one's INSERT waits for the first one's and then finds it.
CREATE FUNCTION session_claim(p_session text, p_username text, p_node text,
  OUT status text, OUT session text, OUT node text, OUT name text, OUT host text, OUT socket text, OUT address text)
LANGUAGE plpgsql AS $$
BEGIN
  LOOP
    INSERT INTO live_sessions (session, username, node)
      SELECT p_session, p_username, n.node FROM node_lease n WHERE n.node = p_node AND n.expires_at > clock_timestamp()
      ON CONFLICT DO NOTHING;
    IF FOUND THEN
      status := 'claimed';
      RETURN;
    END IF;
    -- A holder whose time is up is gone, whether or not anybody has noticed. This takes its sessions with it.
    DELETE FROM node_lease l USING live_sessions s
      WHERE s.username = p_username AND l.node = s.node AND l.node <> p_node AND l.expires_at <= clock_timestamp();
    SELECT 'elsewhere', s.session, n.node, n.name, n.host, e.socket, e.address
      INTO status, session, node, name, host, socket, address
      FROM live_sessions s JOIN node_lease n ON n.node = s.node LEFT JOIN node_endpoints e ON e.node = s.node
      WHERE s.username = p_username;
    IF FOUND THEN
      RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM node_lease n WHERE n.node = p_node AND n.expires_at > clock_timestamp()) THEN
      status := 'no-lease';
      RETURN;
    END IF;
  END LOOP;
EXCEPTION WHEN foreign_key_violation THEN
  status := 'no-lease'; -- it ended at this very moment
END $$;

-- Writes what is new about sessions of one node, and puts rows back that went with an earlier lease. Returns those that the
-- person has elsewhere by now. `p_sessions` is an array of {session, username, since, state, detail}.
CREATE FUNCTION session_update(p_node text, p_sessions jsonb) RETURNS TABLE (displaced text) LANGUAGE plpgsql AS $$
BEGIN
  -- Lists may be a second behind after a crash of the database: nobody has to wait for the disk.
  PERFORM set_config('synchronous_commit', 'off', true);
  INSERT INTO live_sessions AS s (session, username, node, since, state, detail)
    SELECT g.session, g.username, n.node, g.since, g.state, g.detail
    FROM jsonb_to_recordset(p_sessions) AS g (session text, username text, since timestamptz, state text, detail jsonb)
      JOIN node_lease n ON n.node = p_node
    ORDER BY g.username
    ON CONFLICT (username) DO UPDATE SET state = excluded.state, detail = excluded.detail, since = excluded.since, updated_at = clock_timestamp()
      WHERE s.session = excluded.session AND s.node = excluded.node;
  RETURN QUERY
    SELECT g.session FROM jsonb_to_recordset(p_sessions) AS g (session text, username text)
    WHERE EXISTS (SELECT FROM node_lease n WHERE n.node = p_node)
      AND NOT EXISTS (SELECT FROM live_sessions s WHERE s.session = g.session AND s.node = p_node);
EXCEPTION WHEN foreign_key_violation THEN
  RETURN; -- the lease ended at this very moment; the next one writes everything again
END $$;
