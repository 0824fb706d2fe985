CREATE TABLE accounts (
	name        TEXT PRIMARY KEY,
	purpose     TEXT NOT NULL DEFAULT '',
	owner       TEXT NOT NULL,             -- a mail address
	environment TEXT NOT NULL DEFAULT 'unknown',
	enabled     INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE tokens (
	id         TEXT PRIMARY KEY,
	account    TEXT NOT NULL REFERENCES accounts (name),
	hash       TEXT,                       -- of the token; NULL once it is revoked
	may_write  INTEGER NOT NULL DEFAULT 0,
	created    TEXT NOT NULL,              -- RFC 3339
	expires    TEXT,
	last_used  TEXT,
	revoked_at TEXT
);
-- What the plugin was told to do, and did.
CREATE TABLE orders (
	key     TEXT PRIMARY KEY,
	action  TEXT NOT NULL,
	target  TEXT NOT NULL,
	done_at TEXT NOT NULL
);
