-- One scope is one set of things looked at: a home, folders, accounts.
CREATE TABLE scope (
  id   INTEGER PRIMARY KEY,
  key  BLOB NOT NULL UNIQUE,
  used INTEGER NOT NULL
) STRICT;

-- What a start begins with, in parts that are read at once: the last snapshot (source '') and what each source said when it
-- last ended well.
CREATE TABLE facts (
  id     INTEGER PRIMARY KEY,
  scope  INTEGER NOT NULL REFERENCES scope (id) ON DELETE CASCADE,
  source TEXT NOT NULL,
  part   INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  list   TEXT NOT NULL,
  sum    BLOB NOT NULL,
  data   BLOB NOT NULL,
  UNIQUE (scope, source, part)
) STRICT;

-- History. A record's version holds from one collection up to another, which is empty while it lasts: a collection in which
-- nothing changed costs one row.
CREATE TABLE collection (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  scope   INTEGER NOT NULL REFERENCES scope (id) ON DELETE CASCADE,
  at      INTEGER NOT NULL,
  posture TEXT NOT NULL,
  sources TEXT NOT NULL
) STRICT;
CREATE INDEX collection_at ON collection (scope, at);

CREATE TABLE record (
  id    INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL REFERENCES scope (id) ON DELETE CASCADE,
  name  TEXT NOT NULL,
  first INTEGER NOT NULL, -- when it was first seen
  hash  BLOB,             -- of the version that holds now; empty: it is not there
  UNIQUE (scope, name)
) STRICT;

CREATE TABLE version (
  record INTEGER NOT NULL REFERENCES record (id) ON DELETE CASCADE,
  since  INTEGER NOT NULL,
  until  INTEGER,
  data   BLOB NOT NULL,
  PRIMARY KEY (record, since)
) STRICT, WITHOUT ROWID;
CREATE INDEX version_since ON version (since);
CREATE INDEX version_until ON version (until) WHERE until IS NOT NULL;

-- Decisions are of no scope: a record's id is the same wherever it is looked at from. A row is written once; only its being
-- undone is added.
CREATE TABLE decision (
  seq       INTEGER PRIMARY KEY AUTOINCREMENT,
  id        TEXT NOT NULL UNIQUE,
  at        INTEGER NOT NULL,
  by        TEXT NOT NULL,
  kind      TEXT NOT NULL,
  reason    TEXT NOT NULL,
  owner     TEXT NOT NULL,
  target    TEXT NOT NULL,
  until     INTEGER,
  digest    TEXT NOT NULL,
  undone_at INTEGER,
  undone_by TEXT
) STRICT;
CREATE INDEX decision_target ON decision (target);
