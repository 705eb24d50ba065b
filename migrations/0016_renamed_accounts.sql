-- An account that is renamed keeps what it wrote and whom it went to: these columns have no foreign key, since they outlive accounts.
CREATE FUNCTION follow_rename() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE messages SET sender = NEW.username WHERE sender = OLD.username;
  UPDATE hands SET claimed_by = NEW.username WHERE claimed_by = OLD.username;
  INSERT INTO former_names (user_id, username) VALUES (NEW.id, OLD.username);
  RETURN NULL;
END $$;

CREATE TRIGGER follow_rename AFTER UPDATE OF username ON users FOR EACH ROW WHEN (OLD.username <> NEW.username) EXECUTE FUNCTION follow_rename();
