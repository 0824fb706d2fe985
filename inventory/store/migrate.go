package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed migrations/*.sql
var scripts embed.FS

// migrations are the steps to the present schema: after step n the database's user_version is n.
func migrations() ([]string, error) {
	names, err := fs.Glob(scripts, "migrations/*.sql") // sorted by name
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(names))
	for i, n := range names {
		if want := fmt.Sprintf("migrations/%04d.sql", i+1); n != want {
			return nil, fmt.Errorf("migration %s stands where %s should", n, want)
		}
		data, err := scripts.ReadFile(n)
		if err != nil {
			return nil, err
		}
		texts[i] = string(data)
	}
	return texts, nil
}

// migrate brings the schema to the present one. A newer one is refused before anything is written; an older one is copied
// first.
func migrate(ctx context.Context, db *sql.DB, path string) error {
	steps, err := migrations()
	if err != nil {
		return err
	}
	return migrateTo(ctx, db, path, steps)
}

func migrateTo(ctx context.Context, db *sql.DB, path string, steps []string) error {
	has, err := schemaOf(ctx, db)
	switch {
	case err != nil:
		return err
	case has > len(steps):
		return fmt.Errorf("%s: %w (schema %d, this one knows %d); update nhitop, or use another --state", path, ErrNewer, has, len(steps))
	case has == len(steps):
		return nil
	case has > 0:
		if err := backup(ctx, db, fmt.Sprintf("%s.v%d.bak", path, has)); err != nil {
			return fmt.Errorf("the copy before the change of schema %d cannot be made: %w", has, err)
		}
	}
	if _, err := db.ExecContext(ctx, "PRAGMA journal_mode = WAL"); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for i, text := range steps[has:] {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("change to schema %d: %w", has+i+1, err)
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(steps))); err != nil {
		return err
	}
	return tx.Commit()
}

// schemaOf returns the number of the schema, 0 for an empty database. Another program's database is not taken over.
func schemaOf(ctx context.Context, db *sql.DB) (int, error) {
	var version, tables int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return 0, err
	}
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return 0, err
	}
	if version < 0 || (version == 0) != (tables == 0) {
		return 0, fmt.Errorf("%w: no schema that is known", ErrDamaged)
	}
	return version, nil
}

// backup writes a whole copy of the database, 0600, or nothing.
func backup(ctx context.Context, db *sql.DB, to string) error {
	f, err := os.CreateTemp(filepath.Dir(to), ".nhitop-*") // 0600, and empty: SQLite takes such a file
	if err != nil {
		return err
	}
	tmp := f.Name()
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", tmp)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(tmp, to)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	syncDir(filepath.Dir(to))
	return nil
}
