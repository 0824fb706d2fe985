package managers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
)

// Kind makes places of one kind of manager.
type Kind struct {
	Name    string // as the key kind says it
	options func() any
	build   func(md *toml.MetaData, table toml.Primitive, env sources.Env) (revoke.Manager, error)
}

// Kinds are all there are.
func Kinds() []Kind {
	return []Kind{define("vault", NewVault), define("aws", NewAWS), define("github", NewGitHub), define("gitlab", NewGitLab)}
}

func define[C any](name string, build func(C, sources.Env) (revoke.Manager, error)) Kind {
	return Kind{
		Name:    name,
		options: func() any { return new(C) },
		build: func(md *toml.MetaData, table toml.Primitive, env sources.Env) (revoke.Manager, error) {
			var c C
			if err := md.PrimitiveDecode(table, &c); err != nil {
				return nil, err
			}
			return build(c, env)
		},
	}
}

// Options returns a pointer to a fresh option struct, for naming the nearest known key.
func (k Kind) Options() any { return k.options() }

// New makes a place of its table. It sends nothing. The error begins with the key that is wrong.
func (k Kind) New(md *toml.MetaData, table toml.Primitive, env sources.Env) (revoke.Manager, error) {
	return k.build(md, table, env)
}

// needed says which of some keys is empty; keys and values take turns.
func needed(pairs ...string) error {
	for i := 0; i+1 < len(pairs); i += 2 {
		if strings.TrimSpace(pairs[i+1]) == "" {
			return fmt.Errorf("%s: is needed", pairs[i])
		}
	}
	return nil
}

// once reads a credential for one visit: a reference may be a command, which must not run for each request.
func once(ctx context.Context, key string, ref credref.Ref, env sources.Env) (httpx.Getter, error) {
	v, err := ref.Read(ctx, credref.Lookup{Getenv: env.Getenv})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return httpx.Held(v), nil
}

// looks is how often a place is read after a write until it shows it, a second apart: a replica may be behind.
const looks = 5

// wait waits for the next look.
func wait(ctx context.Context, env sources.Env) error {
	if env.Sleep != nil {
		return env.Sleep(ctx, time.Second)
	}
	t := time.NewTimer(time.Second)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// refused reports whether an error says that a write was not done. An answer that did not come says nothing.
func refused(err error) bool {
	var se *httpx.StatusError
	if !errors.As(err, &se) {
		return false
	}
	return se.Status >= 300 && se.Status < 500 && se.Status != 408 || se.Status == 503 && strings.Contains(se.Message, "sealed")
}

// expand puts the home in the place of "~/".
func expand(p, home string) string {
	if rest, ok := strings.CutPrefix(p, "~/"); ok {
		return filepath.Join(home, rest)
	}
	return p
}

// othersOf names the keys that stand beside one and stay.
func othersOf(all map[string]json.RawMessage, key string) string {
	const most = 5
	var keys []string
	for _, k := range slices.Sorted(maps.Keys(all)) {
		if k != key {
			keys = append(keys, inventory.Clean(k))
		}
	}
	switch n := len(keys); {
	case n == 0:
		return ""
	case n > most:
		return fmt.Sprintf("; its other keys stay: %s and %d more", strings.Join(keys[:most], ", "), n-most)
	}
	return "; its other keys stay: " + strings.Join(keys, ", ")
}

// answered is an error's text, or what is to be said where there is none.
func answered(err error, text string) string {
	if err != nil {
		return inventory.Clean(err.Error())
	}
	return text
}

// held is the text that stands under a key.
func held(raw json.RawMessage) (inventory.Value, error) {
	var text string
	if json.Unmarshal(raw, &text) != nil || text == "" {
		return inventory.Value{}, revoke.ErrNotHeld
	}
	return inventory.NewValue(text), nil
}

// word is a text as one word of a shell.
func word(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
