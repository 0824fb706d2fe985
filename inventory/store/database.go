package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"modernc.org/sqlite"

	"nhitop/inventory/audit/linelog"
)

const (
	databaseFile = "nhitop.db"
	lockFile     = "nhitop.db.lock"
	connections  = 4
)

// Codes of the SQLite C interface (result codes, 3.53): the file is not a database, or its pages contradict each other.
const (
	sqliteCorrupt = 11
	sqliteNotADB  = 26
)

// database is the open file. It is opened when it is first needed, so that a start waits for nothing.
type database struct {
	mu   sync.Mutex
	db   *sql.DB
	bad  error // it opens and is damaged all the same; it is set aside when it is opened next
	told error // that a damaged one was set aside; said once
}

// db returns the open database, its schema being the one that this program knows.
func (s *Store) db() (*sql.DB, error) {
	s.base.mu.Lock()
	defer s.base.mu.Unlock()
	if s.base.db != nil {
		return s.base.db, nil
	}
	lock, err := linelog.Open(filepath.Join(s.dir, lockFile), true) // one process at a time looks at the schema
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	defer lock.Close()
	path := filepath.Join(s.dir, databaseFile)
	var db *sql.DB
	err, s.base.bad = s.base.bad, nil
	if err == nil {
		db, err = openDatabase(path)
	}
	if errors.Is(err, ErrDamaged) {
		aside, e := setDatabaseAside(path)
		if e != nil {
			return nil, fmt.Errorf("%w, and it cannot be set aside: %w", err, e)
		}
		s.base.told = fmt.Errorf("%w; it was set aside as %s, and what was decided is in the audit log", err, filepath.Base(aside))
		db, err = openDatabase(path)
	}
	if err != nil {
		return nil, err
	}
	s.base.db = db
	return db, nil
}

// said returns, once, that a damaged database was set aside.
func (s *Store) said() error {
	s.base.mu.Lock()
	defer s.base.mu.Unlock()
	err := s.base.told
	s.base.told = nil
	return err
}

// Close gives the database back. The store may be used again, and opens it again then.
func (s *Store) Close() error {
	s.base.mu.Lock()
	defer s.base.mu.Unlock()
	if s.base.db == nil {
		return nil
	}
	err := s.base.db.Close()
	s.base.db = nil
	return err
}

func openDatabase(path string) (*sql.DB, error) {
	if err := prepareFile(path); err != nil {
		return nil, err
	}
	// A transaction takes the right to write when it begins, so that two that read and then write do not deadlock.
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(20000)", "foreign_keys(1)", "synchronous(FULL)", "journal_size_limit(4194304)"}}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: q.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	db.SetMaxOpenConns(connections)
	if err := migrate(context.Background(), db, path); err != nil {
		return nil, errors.Join(explain(path, err), db.Close())
	}
	return db, nil
}

// prepareFile makes the file before SQLite does, for its mode; the files beside it get the same one.
func prepareFile(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err == nil {
		err = f.Close()
		syncDir(filepath.Dir(path))
	} else if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: %w: not a regular file", path, ErrDamaged)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		if err := os.Chmod(path, 0o600); err != nil {
			return fmt.Errorf("%s: %w: %w", path, ErrExposed, err)
		}
	}
	return nil
}

// explain names the file, and tells a damaged one from other troubles.
func explain(path string, err error) error {
	var e *sqlite.Error
	switch {
	case err == nil || errors.Is(err, ErrNewer) || errors.Is(err, ErrDamaged):
		return err
	case errors.As(err, &e) && (e.Code()&0xff == sqliteCorrupt || e.Code()&0xff == sqliteNotADB):
		return fmt.Errorf("%s: %w: not a sound database", path, ErrDamaged)
	case errors.As(err, &e):
		return fmt.Errorf("%s: %w", path, err)
	}
	return err
}

// setDatabaseAside renames the database and what stands beside it, so that a new one can be made and nothing is lost.
func setDatabaseAside(path string) (string, error) {
	aside := path + ".damaged"
	for n := 2; ; n++ {
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			break
		}
		aside = fmt.Sprintf("%s.damaged-%d", path, n)
	}
	for _, end := range []string{"-wal", "-shm", ""} {
		if err := os.Rename(path+end, aside+end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	syncDir(filepath.Dir(path))
	return aside, nil
}

// fault turns an error of a query into one that names the file. A database found damaged is given back, so that the next
// call sets it aside.
func (s *Store) fault(err error) error {
	if err == nil {
		return nil
	}
	err = explain(filepath.Join(s.dir, databaseFile), err)
	if errors.Is(err, ErrDamaged) {
		_ = s.Close()
		s.base.mu.Lock()
		s.base.bad = err
		s.base.mu.Unlock()
	}
	return err
}

// within runs f in one transaction, which is durable when within returns nil.
func (s *Store) within(ctx context.Context, f func(*sql.Tx) error) error {
	db, err := s.db()
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return s.fault(err)
	}
	if err := f(tx); err != nil {
		_ = tx.Rollback()
		return s.fault(err)
	}
	return s.fault(tx.Commit())
}
