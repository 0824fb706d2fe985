-- Plans that must not be carried out before another operator has confirmed them. A row is used once.
CREATE TABLE waiting (
  seq             INTEGER PRIMARY KEY AUTOINCREMENT,
  plan            TEXT NOT NULL UNIQUE,
  digest          TEXT NOT NULL,
  at              INTEGER NOT NULL,
  by              TEXT NOT NULL,
  reason          TEXT NOT NULL,
  why             TEXT NOT NULL, -- it needs a second person
  until           INTEGER NOT NULL,
  undoes          TEXT NOT NULL, -- the run that it takes back, '' for a revocation
  data            BLOB NOT NULL, -- the plan, as JSON
  confirmed_at    INTEGER,
  confirmed_by    TEXT,
  confirmed_until INTEGER,
  used_at         INTEGER
) STRICT;
CREATE INDEX waiting_digest ON waiting (digest) WHERE used_at IS NULL;
