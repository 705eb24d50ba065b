-- The host keys that clients of this class have met: a new one that nobody planned is said at the start and by `doctor`.
CREATE TABLE host_keys (
  fingerprint text COLLATE "C" PRIMARY KEY,
  -- As the key in use; null for one that was only announced as the next.
  first_used_at timestamptz,
  last_used_at timestamptz,
  announced_at timestamptz,
  -- The key in whose place it came, though it had not been announced.
  replaced text
);
