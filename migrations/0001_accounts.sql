-- Accounts, their public keys, and the audit trail. COLLATE "C" where an index or an ORDER BY must give the same order
-- on every server, whatever locale its cluster was made with.

CREATE TABLE users (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  username text COLLATE "C" NOT NULL CONSTRAINT users_username_unique UNIQUE
    CONSTRAINT users_username_form CHECK (username ~ '^[a-z][a-z0-9_-]{0,31}$'),
  name text NOT NULL DEFAULT '',
  email text,
  section text COLLATE "C",
  role text NOT NULL CHECK (role IN ('student', 'ta', 'professor', 'admin')),
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
  password_hash text NOT NULL,
  must_change_password boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_login_at timestamptz
);

CREATE INDEX users_section ON users (section);

CREATE TABLE user_keys (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
  algorithm text COLLATE "C" NOT NULL,
  -- The key as SSH sends it. Unique by its fingerprint, since a long RSA key does not fit an index entry.
  blob bytea NOT NULL,
  fingerprint text COLLATE "C" NOT NULL CHECK (fingerprint LIKE 'SHA256:%'),
  comment text NOT NULL DEFAULT '',
  added_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT user_keys_unique UNIQUE (user_id, fingerprint)
);

-- What people did to accounts and who logged in. No foreign keys: the trail outlives the accounts it is about.
CREATE TABLE audit_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL,
  address text,
  action text NOT NULL,
  subject text,
  result text NOT NULL,
  detail jsonb NOT NULL DEFAULT '{}'
);

CREATE INDEX audit_log_at ON audit_log (at);
CREATE INDEX audit_log_subject ON audit_log (subject, at);
