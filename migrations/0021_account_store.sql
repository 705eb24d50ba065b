-- Which store has an account's password: the embedded one (users.password_hash), or another system, which is asked at each login (auth.external).
ALTER TABLE users ADD COLUMN store text COLLATE "C" NOT NULL DEFAULT 'embedded' CONSTRAINT users_store_known CHECK (store IN ('embedded', 'external'));
