-- Ownership reviews: what was frozen when each was opened, and every decision in it.
CREATE TABLE review (
  seq       INTEGER PRIMARY KEY AUTOINCREMENT,
  id        TEXT NOT NULL UNIQUE,
  data      BLOB NOT NULL, -- the review as it was opened, as JSON
  closed_at INTEGER,
  closed_by TEXT
) STRICT;
CREATE TABLE review_decision (
  seq    INTEGER PRIMARY KEY AUTOINCREMENT,
  id     TEXT NOT NULL UNIQUE,
  review TEXT NOT NULL REFERENCES review (id),
  data   BLOB NOT NULL, -- the decision as JSON
  undone INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX review_decision_of ON review_decision (review);
