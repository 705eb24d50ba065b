-- Sections (groups) of the class, and who teaches them. Renaming one renames it everywhere it is named.

CREATE TABLE sections (
  name text COLLATE "C" PRIMARY KEY CONSTRAINT sections_name_form CHECK (name = btrim(name) AND length(name) BETWEEN 1 AND 50),
  title text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Until now a section was any text, blanks around it included.
UPDATE users SET section = nullif(left(btrim(section), 50), '') WHERE section IS NOT NULL;
UPDATE users SET section = btrim(section) WHERE section IS NOT NULL;
INSERT INTO sections (name) SELECT DISTINCT section FROM users WHERE section IS NOT NULL;

ALTER TABLE users ADD CONSTRAINT users_section_known FOREIGN KEY (section) REFERENCES sections ON UPDATE CASCADE;

-- Staff teach more sections than the one that `users.section` can name.
CREATE TABLE section_staff (
  section text COLLATE "C" NOT NULL REFERENCES sections ON UPDATE CASCADE ON DELETE CASCADE,
  user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
  PRIMARY KEY (section, user_id)
);

CREATE INDEX section_staff_user ON section_staff (user_id);
