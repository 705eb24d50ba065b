-- Leases, locks and shared limits: how several processes of classh act as one.
--
-- A node (one process) lives exactly as long as its row in node_lease. A lease that has run out can't be prolonged, and
-- only the DELETE of its row ends it, so that nobody takes a lock from a node that is just prolonging its lease. Rows of
-- locks and lock_waiters whose node has no lease are orphans; lock_sweep removes them.
--
-- Order of locks, which keeps transactions from waiting for each other in a circle: first the advisory lock of a name
-- (several: in the order of their hashes), then lease rows. Who deletes leases holds nothing else or skips what is locked.
-- clock_timestamp() throughout: now() would be the time before the wait for the advisory lock.

CREATE TABLE node_lease (
  -- One life of one process; a process that lost its lease gets a new row.
  node text COLLATE "C" PRIMARY KEY,
  -- What people call it.
  name text NOT NULL,
  -- Where the process listens for notifications.
  channel text NOT NULL,
  -- Processes with the same host can look each other up by pid and start time.
  host text COLLATE "C" NOT NULL,
  pid integer NOT NULL,
  process_start text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL
);

CREATE TABLE locks (
  name text COLLATE "C" PRIMARY KEY CONSTRAINT locks_name_length CHECK (octet_length(name) <= 1000),
  node text COLLATE "C" NOT NULL,
  -- The node's own number for this acquisition.
  request bigint NOT NULL,
  -- Who holds it, in the words of the program; at most 1000 bytes, since it travels in notifications.
  owner text NOT NULL CONSTRAINT locks_owner_length CHECK (octet_length(owner) <= 1000),
  token bigint NOT NULL,
  since timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX locks_node ON locks (node);

CREATE TABLE lock_waiters (
  -- Given under the advisory lock of the name: the order of arrival.
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL CONSTRAINT lock_waiters_name_length CHECK (octet_length(name) <= 1000),
  node text COLLATE "C" NOT NULL,
  request bigint NOT NULL,
  owner text NOT NULL CONSTRAINT lock_waiters_owner_length CHECK (octet_length(owner) <= 1000),
  since timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT lock_waiters_request UNIQUE (node, request)
);

CREATE INDEX lock_waiters_name ON lock_waiters (name, position);

-- One sequence for all names: taken under the advisory lock of a name, its numbers grow for each name, and no row has to
-- stay behind to remember the last one.
CREATE SEQUENCE lock_token;

CREATE FUNCTION lock_enter(p_name text) RETURNS void LANGUAGE sql AS $$
  SELECT pg_advisory_xact_lock(1819239275, hashtext(p_name))
$$;

CREATE FUNCTION lock_notify(p_node text, p_message jsonb) RETURNS void LANGUAGE sql AS $$
  SELECT pg_notify(n.channel, (p_message || jsonb_build_object('node', p_node))::text) FROM node_lease n WHERE n.node = p_node
$$;

-- Gives a free lock to the first waiter whose node lives; that node is notified unless it is the caller itself, which
-- reads the answer. The caller holds the advisory lock of the name. A null row: nobody waits.
CREATE FUNCTION lock_grant_next(p_name text, p_caller text) RETURNS locks LANGUAGE plpgsql AS $$
DECLARE
  v_waiter lock_waiters;
  v_lock locks;
BEGIN
  FOR v_waiter IN SELECT * FROM lock_waiters w WHERE w.name = p_name ORDER BY w.position LOOP
    DELETE FROM lock_waiters w WHERE w.position = v_waiter.position;
    -- From here to the commit its lease can't be deleted.
    PERFORM 1 FROM node_lease n WHERE n.node = v_waiter.node FOR KEY SHARE;
    CONTINUE WHEN NOT FOUND;
    INSERT INTO locks (name, node, request, owner, token)
      VALUES (p_name, v_waiter.node, v_waiter.request, v_waiter.owner, nextval('lock_token')) RETURNING * INTO v_lock;
    IF v_lock.node <> p_caller THEN
      PERFORM lock_notify(v_lock.node, jsonb_build_object('kind', 'granted', 'request', v_lock.request, 'token', v_lock.token));
    END IF;
    RETURN v_lock;
  END LOOP;
  RETURN NULL;
END $$;

-- Takes the lock, or queues for it when p_wait. Safe to repeat: the same request gets the same answer. `status` is
-- granted, queued, held (without p_wait) or no-lease; held_* tell who is in the way; next_* is a lock that another waiter of
-- the same node got, because its holder turned out to be dead.
CREATE FUNCTION lock_acquire(p_name text, p_node text, p_request bigint, p_owner text, p_wait boolean,
  OUT status text, OUT token bigint, OUT held_node text, OUT held_request bigint, OUT held_owner text, OUT held_since timestamptz,
  OUT held_token bigint, OUT next_node text, OUT next_request bigint, OUT next_token bigint) LANGUAGE plpgsql AS $$
DECLARE
  v_lock locks;
BEGIN
  PERFORM lock_enter(p_name);
  PERFORM 1 FROM node_lease n WHERE n.node = p_node FOR KEY SHARE;
  IF NOT FOUND THEN
    status := 'no-lease';
    RETURN;
  END IF;
  SELECT * INTO v_lock FROM locks l WHERE l.name = p_name;
  IF FOUND AND NOT EXISTS (SELECT FROM node_lease n WHERE n.node = v_lock.node) THEN
    DELETE FROM locks l WHERE l.name = p_name;
    v_lock := NULL;
  END IF;
  IF v_lock.name IS NULL THEN
    v_lock := lock_grant_next(p_name, p_node);
    IF v_lock.name IS NULL THEN
      INSERT INTO locks (name, node, request, owner, token)
        VALUES (p_name, p_node, p_request, p_owner, nextval('lock_token')) RETURNING * INTO v_lock;
    ELSIF v_lock.node = p_node AND v_lock.request <> p_request THEN
      next_node := v_lock.node;
      next_request := v_lock.request;
      next_token := v_lock.token;
    END IF;
  END IF;
  IF v_lock.node = p_node AND v_lock.request = p_request THEN
    status := 'granted';
    token := v_lock.token;
    RETURN;
  END IF;
  held_node := v_lock.node;
  held_request := v_lock.request;
  held_owner := v_lock.owner;
  held_since := v_lock.since;
  held_token := v_lock.token;
  status := 'held';
  IF NOT p_wait THEN
    RETURN;
  END IF;
  status := 'queued';
  INSERT INTO lock_waiters (name, node, request, owner) VALUES (p_name, p_node, p_request, p_owner) ON CONFLICT DO NOTHING;
  IF FOUND AND v_lock.node <> p_node THEN
    PERFORM lock_notify(v_lock.node, jsonb_build_object('kind', 'wanted', 'request', v_lock.request,
      'waiter', p_node || '/' || p_request, 'owner', p_owner));
  END IF;
END $$;

-- Frees the lock if it still has this token, whoever asks, and hands it over. A holder on another node is told that it was
-- taken away. `released` is false when the token is not (or no longer) the lock's.
CREATE FUNCTION lock_release(p_name text, p_token bigint, p_caller text,
  OUT released boolean, OUT held_node text, OUT held_request bigint, OUT next_node text, OUT next_request bigint, OUT next_token bigint)
LANGUAGE plpgsql AS $$
DECLARE
  v_next locks;
BEGIN
  PERFORM lock_enter(p_name);
  DELETE FROM locks l WHERE l.name = p_name AND l.token = p_token RETURNING l.node, l.request INTO held_node, held_request;
  released := FOUND;
  IF NOT released THEN
    RETURN;
  END IF;
  IF held_node <> p_caller THEN
    PERFORM lock_notify(held_node, jsonb_build_object('kind', 'revoked', 'request', held_request));
  END IF;
  v_next := lock_grant_next(p_name, p_caller);
  next_node := v_next.node;
  next_request := v_next.request;
  next_token := v_next.token;
  -- A release that a crash of the database forgets leaves a lock that its node does not know; the node frees it again
  -- when it compares. So nobody has to wait for the disk, unless somebody got the lock.
  IF v_next.name IS NULL AND held_node = p_caller THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
END $$;

-- Takes a request back: out of the queue, or out of the lock that it got in the meantime.
CREATE FUNCTION lock_withdraw(p_name text, p_node text, p_request bigint,
  OUT next_node text, OUT next_request bigint, OUT next_token bigint, OUT held_node text, OUT held_request bigint) LANGUAGE plpgsql AS $$
DECLARE
  v_lock locks;
  v_next locks;
BEGIN
  PERFORM lock_enter(p_name);
  SELECT * INTO v_lock FROM locks l WHERE l.name = p_name;
  IF v_lock.node = p_node AND v_lock.request = p_request THEN
    DELETE FROM locks l WHERE l.name = p_name;
    v_next := lock_grant_next(p_name, p_node);
    next_node := v_next.node;
    next_request := v_next.request;
    next_token := v_next.token;
    RETURN;
  END IF;
  DELETE FROM lock_waiters w WHERE w.node = p_node AND w.request = p_request;
  IF FOUND AND v_lock.name IS NOT NULL THEN
    held_node := v_lock.node;
    held_request := v_lock.request;
    IF held_node <> p_node THEN
      PERFORM lock_notify(held_node, jsonb_build_object('kind', 'unwanted', 'request', held_request, 'waiter', p_node || '/' || p_request));
    END IF;
  END IF;
END $$;

-- Inside a transaction: true when the token is still the lock's, and then the lock can't change hands until the
-- transaction ends. A process that stops in the middle is thrown out, so that the lock does not stay out of reach.
CREATE FUNCTION lock_fence(p_name text, p_token bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('idle_in_transaction_session_timeout', '5000', true), set_config('synchronous_commit', 'off', true);
  PERFORM 1 FROM locks l WHERE l.name = p_name AND l.token = p_token FOR SHARE;
  RETURN FOUND;
END $$;

-- Prolongs a lease that has not run out, and ends those that have. `orphans`: there is something for lock_sweep to do.
CREATE FUNCTION lock_beat(p_node text, p_seconds double precision, OUT alive boolean, OUT orphans boolean, OUT peers jsonb)
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE node_lease n SET expires_at = clock_timestamp() + p_seconds * interval '1 second'
    WHERE n.node = p_node AND n.expires_at > clock_timestamp();
  alive := FOUND;
  -- SKIP LOCKED: a lease that is being used right now is looked at again with the next beat. Under the row lock
  -- PostgreSQL reads the row again, so that a lease prolonged in the meantime stays.
  DELETE FROM node_lease n WHERE n.node = ANY (ARRAY(
    SELECT d.node FROM node_lease d WHERE d.expires_at <= clock_timestamp() FOR UPDATE SKIP LOCKED));
  orphans := EXISTS (SELECT FROM locks l WHERE NOT EXISTS (SELECT FROM node_lease n WHERE n.node = l.node))
    OR EXISTS (SELECT FROM lock_waiters w WHERE NOT EXISTS (SELECT FROM node_lease n WHERE n.node = w.node));
  SELECT coalesce(jsonb_agg(jsonb_build_object('node', n.node, 'pid', n.pid, 'start', n.process_start)), '[]') INTO peers
    FROM node_lease n WHERE n.node <> p_node AND n.host = (SELECT o.host FROM node_lease o WHERE o.node = p_node);
END $$;

-- Removes what dead nodes left, from the lock tables themselves: a lease that is long gone must not hide its locks. Freed
-- locks go to their first waiters; the caller's own grants are the answer. At most 500 names at once; ask again while full.
CREATE FUNCTION lock_sweep(p_caller text) RETURNS TABLE (swept text, next_node text, next_request bigint, next_token bigint)
LANGUAGE plpgsql AS $$
DECLARE
  v_name text;
  v_waiter lock_waiters;
  v_lock locks;
BEGIN
  FOR v_name IN
    SELECT o.name FROM (
      SELECT l.name FROM locks l WHERE NOT EXISTS (SELECT FROM node_lease n WHERE n.node = l.node)
      UNION SELECT w.name FROM lock_waiters w WHERE NOT EXISTS (SELECT FROM node_lease n WHERE n.node = w.node)) o
    ORDER BY hashtext(o.name) LIMIT 500
  LOOP
    PERFORM lock_enter(v_name);
    DELETE FROM locks l WHERE l.name = v_name AND NOT EXISTS (SELECT FROM node_lease n WHERE n.node = l.node);
    SELECT * INTO v_lock FROM locks l WHERE l.name = v_name;
    FOR v_waiter IN
      DELETE FROM lock_waiters w WHERE w.name = v_name AND NOT EXISTS (SELECT FROM node_lease n WHERE n.node = w.node) RETURNING w.*
    LOOP
      IF v_lock.name IS NOT NULL THEN
        PERFORM lock_notify(v_lock.node, jsonb_build_object('kind', 'unwanted', 'request', v_lock.request,
          'waiter', v_waiter.node || '/' || v_waiter.request));
      END IF;
    END LOOP;
    swept := v_name;
    next_node := NULL;
    IF v_lock.name IS NULL THEN
      v_lock := lock_grant_next(v_name, p_caller);
      next_node := v_lock.node;
      next_request := v_lock.request;
      next_token := v_lock.token;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

-- Rates: a key is used up until full_at (GCRA's theoretical arrival time); a row in the past means the same as none.
-- UNLOGGED: after a crash of the database all limits are fresh, which is harmless, and taking costs no disk.
CREATE UNLOGGED TABLE rate_limits (
  limit_name text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  full_at timestamptz NOT NULL,
  -- Whether the last take was.
  allowed boolean NOT NULL,
  PRIMARY KEY (limit_name, subject)
) WITH (fillfactor = 70);

-- Failed logins of an account from one address; address '' counts those from everywhere.
CREATE UNLOGGED TABLE login_failures (
  username text COLLATE "C" NOT NULL,
  address text COLLATE "C" NOT NULL,
  failures integer NOT NULL,
  failed_at timestamptz NOT NULL,
  -- This address logged in to this account, and is trusted a little until then.
  known_until timestamptz NOT NULL DEFAULT '-infinity',
  PRIMARY KEY (username, address)
) WITH (fillfactor = 70);
