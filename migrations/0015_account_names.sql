-- Account names as schools have them: a digit first ("1234567"), dots inside ("mary.ann"). Never a dot at either end or two on end, so that
-- a name is always one ordinary folder of that name, below whatever directory.
ALTER TABLE users DROP CONSTRAINT users_username_form;
ALTER TABLE users ADD CONSTRAINT users_username_form CHECK (username ~ '^[a-z0-9][a-z0-9._-]{0,31}$' AND username !~ '[.]([.]|$)');

-- People log in with their e-mail address as well, where only one account has it.
CREATE INDEX users_email ON users (lower(email)) WHERE email IS NOT NULL;

-- The names that accounts had before they were renamed: the audit trail is never changed and keeps them, and `audit list --user` looks them up here.
CREATE TABLE former_names (
  user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
  username text COLLATE "C" NOT NULL,
  -- From then on the name may be somebody else's.
  until timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (user_id, username, until)
);
