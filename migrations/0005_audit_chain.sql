-- The audit trail becomes append-only and a chain: every entry's hash covers the entry and the hash before it, so that a changed,
-- removed, added or moved entry shows. Whoever owns the database can still rewrite the whole chain; a head that was noted somewhere
-- else shows that too (`audit verify --noted`).

ALTER TABLE audit_log ALTER COLUMN id DROP IDENTITY, ADD COLUMN hash bytea;
ALTER TABLE audit_log ADD CONSTRAINT audit_log_result CHECK (result IN ('ok', 'failed', 'refused'));

CREATE INDEX audit_log_actor ON audit_log (actor, id);
CREATE INDEX audit_log_action ON audit_log (action text_pattern_ops, id);

-- The newest entry. Its row lock is what puts concurrent writers in a line.
CREATE TABLE audit_head (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  id bigint NOT NULL,
  hash bytea NOT NULL CHECK (octet_length(hash) = 32)
) WITH (fillfactor = 10);

-- The last entry that retention removed: the chain goes on from its hash.
CREATE TABLE audit_anchor (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  id bigint NOT NULL,
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  moved_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A JSON array has one text for one entry, in every version of PostgreSQL: jsonb orders keys and spaces itself. The time is a
-- whole number of microseconds. src/auth/audit-chain.ts computes the same without asking this function.
CREATE FUNCTION audit_hash(p_before bytea, p_entry audit_log) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(p_before || convert_to(jsonb_build_array(p_entry.id, (extract(epoch FROM p_entry.at) * 1000000)::bigint, p_entry.actor,
    p_entry.address, p_entry.action, p_entry.subject, p_entry.result, p_entry.detail)::text, 'UTF8'))
$$;

-- Entries that are there already get numbers without gaps, which an identity leaves after a rollback. A new number is never larger
-- than the old one, and those below have moved already.
DO $$
DECLARE
  v_entry audit_log;
  v_old bigint;
  v_id bigint := 0;
  v_hash bytea := decode(repeat('00', 32), 'hex');
BEGIN
  FOR v_entry IN SELECT * FROM audit_log ORDER BY id LOOP
    v_id := v_id + 1;
    v_old := v_entry.id;
    v_entry.id := v_id;
    v_hash := audit_hash(v_hash, v_entry);
    UPDATE audit_log SET id = v_id, hash = v_hash WHERE id = v_old;
  END LOOP;
  INSERT INTO audit_head (id, hash) VALUES (v_id, v_hash);
  INSERT INTO audit_anchor (id, hash) VALUES (0, decode(repeat('00', 32), 'hex'));
END $$;

ALTER TABLE audit_log ALTER COLUMN hash SET NOT NULL;

-- Number, time and hash are given here, under the head's lock, so that numbers, times and the chain have one order.
CREATE FUNCTION audit_append() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_head audit_head;
BEGIN
  SELECT * INTO STRICT v_head FROM audit_head FOR UPDATE;
  NEW.id := v_head.id + 1;
  NEW.at := clock_timestamp();
  NEW.hash := audit_hash(v_head.hash, NEW);
  UPDATE audit_head SET id = NEW.id, hash = NEW.hash;
  RETURN NEW;
END $$;

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;

-- Only what retention has put behind the anchor may go.
CREATE FUNCTION audit_remove() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.id > (SELECT a.id FROM audit_anchor a) THEN
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN OLD;
END $$;

-- The head moves with an entry, and in no other way.
CREATE FUNCTION audit_move_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_trigger_depth() < 2 OR NEW.id <> OLD.id + 1 THEN
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;

-- The anchor moves forward, onto an entry that is there.
CREATE FUNCTION audit_move_anchor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id <= OLD.id OR NOT EXISTS (SELECT FROM audit_log l WHERE l.id = NEW.id AND l.hash = NEW.hash) THEN
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER audit_append BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_append();
CREATE TRIGGER audit_refuse BEFORE UPDATE OR TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_remove BEFORE DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_remove();
CREATE TRIGGER audit_refuse BEFORE INSERT OR DELETE OR TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_move_head BEFORE UPDATE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_move_head();
CREATE TRIGGER audit_refuse BEFORE INSERT OR DELETE OR TRUNCATE ON audit_anchor FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_move_anchor BEFORE UPDATE ON audit_anchor FOR EACH ROW EXECUTE FUNCTION audit_move_anchor();

-- Retention: removes the oldest entries up to, not including, the first that is not older than p_before; at most p_most. Only one
-- process does it at a time; the others find nothing to remove.
CREATE FUNCTION audit_prune(p_before timestamptz, p_most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_anchor audit_anchor;
  v_last audit_log;
  v_removed bigint;
BEGIN
  SELECT * INTO v_anchor FROM audit_anchor FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN 0;
  END IF;
  SELECT * INTO v_last FROM audit_log l WHERE l.id <= v_anchor.id + p_most
    AND l.id < (SELECT coalesce(min(f.id), v_anchor.id + p_most + 1) FROM audit_log f WHERE f.id <= v_anchor.id + p_most AND f.at >= p_before)
    ORDER BY l.id DESC LIMIT 1;
  IF NOT FOUND THEN
    RETURN 0;
  END IF;
  UPDATE audit_anchor SET id = v_last.id, hash = v_last.hash, moved_at = clock_timestamp();
  DELETE FROM audit_log l WHERE l.id <= v_last.id;
  GET DIAGNOSTICS v_removed = ROW_COUNT;
  RETURN v_removed;
END $$;
