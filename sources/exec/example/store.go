package main

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"time"

	_ "modernc.org/sqlite" // pure Go: it needs no library on the machine
)

// store is the database of the accounts.
type store struct{ *sql.DB }

type account struct {
	Name, Purpose, Owner, Environment string
	Enabled                           bool
}

type token struct {
	ID, Account, Created, Expires, LastUsed, RevokedAt string
	MayWrite, Usable                                   bool
}

// open opens a database that is there: SQLite would make an empty one of a wrong name.
func open(path string) (*store, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, errors.New("config.database: there is no such file")
	}
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(path)+"?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_pragma=synchronous(full)&_pragma=temp_store(memory)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	return &store{db}, nil
}

const (
	selectAccounts = "SELECT name, purpose, owner, environment, enabled FROM accounts"
	selectTokens   = "SELECT id, account, created, coalesce(expires, ''), coalesce(last_used, ''), coalesce(revoked_at, ''), may_write, hash IS NOT NULL FROM tokens"
)

func (s *store) accounts(ctx context.Context, where ...any) ([]account, error) {
	return query(ctx, s, selectAccounts, " WHERE name = ?", " ORDER BY name", func(a *account) []any {
		return []any{&a.Name, &a.Purpose, &a.Owner, &a.Environment, &a.Enabled}
	}, where)
}

func (s *store) tokens(ctx context.Context, where ...any) ([]token, error) {
	return query(ctx, s, selectTokens, " WHERE id = ?", " ORDER BY id", func(t *token) []any {
		return []any{&t.ID, &t.Account, &t.Created, &t.Expires, &t.LastUsed, &t.RevokedAt, &t.MayWrite, &t.Usable}
	}, where)
}

// query reads all rows, or those of one name.
func query[T any](ctx context.Context, s *store, text, one, order string, into func(*T) []any, where []any) ([]T, error) {
	if len(where) > 0 {
		text += one
	}
	rows, err := s.QueryContext(ctx, text+order, where...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []T
	for rows.Next() {
		var x T
		if err := rows.Scan(into(&x)...); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, rows.Err()
}

// account returns nil for one that is not there.
func (s *store) account(ctx context.Context, name string) (*account, error) {
	list, err := s.accounts(ctx, name)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

func (s *store) token(ctx context.Context, id string) (*token, error) {
	list, err := s.tokens(ctx, id)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// changes are the statements of the actions, each of which changes a row only if it is not so yet.
var changes = map[string]map[string]string{
	anAccount: {
		"suspend": "UPDATE accounts SET enabled = 0 WHERE name = ? AND enabled = 1",
		"resume":  "UPDATE accounts SET enabled = 1 WHERE name = ? AND enabled = 0",
	},
	aToken: {"revoke": "UPDATE tokens SET hash = NULL, revoked_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE id = ? AND revoked_at IS NULL"},
}

var exists = map[string]string{anAccount: "SELECT count(*) FROM accounts WHERE name = ?", aToken: "SELECT count(*) FROM tokens WHERE id = ?"}

// carryOut does what it is told, once for each key. The change and the key are one transaction.
func (s *store) carryOut(ctx context.Context, action string, t target, key string) (status string, err error) {
	change := changes[t.Type][action]
	if change == "" {
		return "unsupported", nil
	}
	tx, err := s.BeginTx(ctx, nil)
	if err != nil {
		return "", err
	}
	defer func() { _ = tx.Rollback() }()
	var n int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM orders WHERE key = ?", key).Scan(&n); err != nil || n > 0 {
		return "done", err
	}
	if err := tx.QueryRowContext(ctx, exists[t.Type], t.ID).Scan(&n); err != nil || n == 0 {
		return "not_found", err
	}
	res, err := tx.ExecContext(ctx, change, t.ID)
	if err != nil {
		return "", err
	}
	if changed, err := res.RowsAffected(); err != nil || changed == 0 {
		return "already", err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO orders VALUES (?, ?, ?, ?)", key, action, t.ID, time.Now().UTC().Format(time.RFC3339)); err != nil {
		return "", err
	}
	return "done", tx.Commit()
}
