-- How the metrics stood at each collection, for a trend that is cheap. Shares are fractions from 0 to 1; what could not be told
-- is absent.
CREATE TABLE metric (
  collection INTEGER NOT NULL REFERENCES collection (id) ON DELETE CASCADE,
  name       TEXT NOT NULL,
  value      REAL NOT NULL,
  PRIMARY KEY (collection, name)
) STRICT, WITHOUT ROWID;

-- What the collections of before know of them.
INSERT INTO metric (collection, name, value)
SELECT id, 'owner-known', CAST(json_extract(posture, '$.owners_known') AS REAL) / json_extract(posture, '$.owners_of')
FROM collection WHERE json_valid(posture) AND json_extract(posture, '$.owners_of') > 0;
INSERT INTO metric (collection, name, value)
SELECT id, 'approval', CAST(json_extract(posture, '$.gated') AS REAL) / json_extract(posture, '$.owners_of')
FROM collection WHERE json_valid(posture) AND json_extract(posture, '$.owners_of') > 0;
INSERT INTO metric (collection, name, value)
SELECT id, 'inherited', CAST(json_extract(posture, '$.inherited') AS REAL) / json_extract(posture, '$.secrets_of')
FROM collection WHERE json_valid(posture) AND json_extract(posture, '$.secrets_of') > 0;

-- A secret that had to be revoked: from when that was known until it ended, and how. A secret that comes back is another one.
CREATE TABLE exposure (
  id     INTEGER PRIMARY KEY,
  scope  INTEGER NOT NULL REFERENCES scope (id) ON DELETE CASCADE,
  name   TEXT NOT NULL,
  since  INTEGER NOT NULL,
  until  INTEGER,       -- empty: it is still there
  how    TEXT NOT NULL, -- dead, taken-out, lapsed
  leaked INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX exposure_open ON exposure (scope, name) WHERE until IS NULL;
CREATE INDEX exposure_until ON exposure (scope, until);
