-- What students did each day, as counts: a row for each day, student and thing that is counted. Days are those of the setting timeZone.
-- No foreign key: a term's counts stay when an account is removed, and are then nobody's by name.
CREATE TABLE usage_days (
  day date NOT NULL,
  user_id integer NOT NULL,
  -- login: logins. milliseconds: active in the IDE. outcome: runs, by how they ended. error: errors, by the type of Python's own.
  kind text COLLATE "C" NOT NULL CONSTRAINT usage_days_kind CHECK (kind IN ('login', 'milliseconds', 'outcome', 'error')),
  name text COLLATE "C" NOT NULL DEFAULT '',
  amount bigint NOT NULL,
  PRIMARY KEY (day, user_id, kind, name)
);
