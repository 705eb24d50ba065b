-- What the migrations made, as it was after the last of them (src/db/schema-record.ts): a start compares, so that a dropped table is noticed then and not by the
-- first student who needs it.
CREATE TABLE schema_record (
  -- table, column, function, trigger, constraint, sequence
  kind text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  -- A column's type, a hash of a function's text, whether a trigger fires.
  detail text NOT NULL,
  PRIMARY KEY (kind, name)
);
