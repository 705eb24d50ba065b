-- Raised hands and messages. Whoever changes them notifies the channel classh_classroom with an id, never with a text: every
-- node reads what concerns its own people.

-- One hand a person, so that two clicks, two windows or two nodes can't raise two.
CREATE TABLE hands (
  username text COLLATE "C" PRIMARY KEY REFERENCES users (username) ON UPDATE CASCADE ON DELETE CASCADE,
  note text NOT NULL DEFAULT '' CONSTRAINT hands_note_length CHECK (char_length(note) <= 200),
  raised_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- The teacher who comes. No foreign key: the server's own account, which has no row, may also answer.
  claimed_by text COLLATE "C",
  claimed_at timestamptz
);

CREATE INDEX hands_raised ON hands (raised_at);

CREATE TABLE messages (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  recipient text COLLATE "C" NOT NULL REFERENCES users (username) ON UPDATE CASCADE ON DELETE CASCADE,
  -- No foreign key: a message outlives the account that sent it.
  sender text COLLATE "C" NOT NULL,
  kind text NOT NULL CONSTRAINT messages_kind CHECK (kind IN ('message', 'broadcast')),
  text text NOT NULL CONSTRAINT messages_text_length CHECK (char_length(text) BETWEEN 1 AND 2000),
  sent_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  read_at timestamptz
);

CREATE INDEX messages_recipient ON messages (recipient, id);
CREATE INDEX messages_sent ON messages (sent_at);
