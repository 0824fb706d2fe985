package store

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"nhitop/inventory/triage"
)

const childVar = "NHITOP_STORE_CHILD" // the folder in which the test's own binary writes as a process of its own

func TestMain(m *testing.M) {
	if dir := os.Getenv(childVar); dir != "" {
		if err := child(dir, os.Getenv("NHITOP_STORE_ROUNDS")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child writes decisions and snapshots, says when it begins and, when one is confirmed, its id.
func child(dir, rounds string) error {
	s, err := Open(dir)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(rounds)
	if err != nil {
		return err
	}
	for i := range n {
		d := triage.Decision{ID: triage.NewID(), At: at, By: "child", Kind: triage.Flag, Target: "find-1"}
		fmt.Println("decides")
		if err := s.Decide(context.Background(), []triage.Decision{d}); err != nil {
			return err
		}
		fmt.Println("confirmed", d.ID)
		fmt.Println("stores")
		if err := s.Facts("x").SaveSnapshot(company(20, i)); err != nil {
			return err
		}
	}
	return nil
}

func start(t *testing.T, dir string, rounds int) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childVar+"="+dir, "NHITOP_STORE_ROUNDS="+strconv.Itoa(rounds))
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c, bufio.NewScanner(out)
}

// kills is how often a process is killed: NHITOP_KILLS, else few, for a build must not wait long.
func kills() int {
	if n, err := strconv.Atoi(os.Getenv("NHITOP_KILLS")); err == nil {
		return n
	}
	if testing.Short() {
		return 5
	}
	return 20
}

// A process that is killed at any point of its writing loses no decision that it confirmed, and leaves a store that opens.
func TestKilled(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	confirmed := map[string]bool{}
	for round := range kills() {
		c, lines := start(t, dir, 1000)
		for n := 0; n < 1+round%17 && lines.Scan(); n++ {
			if id, ok := strings.CutPrefix(lines.Text(), "confirmed "); ok {
				confirmed[id] = true
			}
		}
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() { // what it said before it died
			if id, ok := strings.CutPrefix(lines.Text(), "confirmed "); ok {
				confirmed[id] = true
			}
		}
		_ = c.Wait()
		s, err := Open(dir)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		ds, err := s.Decisions("")
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		kept := map[string]bool{}
		for _, d := range ds {
			kept[d.ID] = true
		}
		for id := range confirmed {
			if !kept[id] {
				t.Fatalf("round %d: the confirmed decision %s is lost", round, id)
			}
		}
		if x, err := s.Facts("x").LoadSnapshot(); err != nil {
			t.Fatalf("round %d: %v", round, err)
		} else if cs, err := s.Facts("x").Collections(1); err != nil || (x == nil) != (len(cs) == 0) || x != nil && !cs[0].At.Equal(x.At()) && len(x.Records().Assistants) != 20 {
			t.Fatalf("round %d: the snapshot and its history differ: %v", round, err)
		}
		if err := s.Close(); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	db, err := s.db()
	if err != nil {
		t.Fatal(err)
	}
	var sound string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&sound); err != nil || sound != "ok" {
		t.Errorf("%s %v", sound, err)
	}
	t.Logf("%d kills, %d confirmed decisions, none lost", kills(), len(confirmed))
}

func TestSeveralProcessesAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	const processes, rounds = 3, 8
	var wg sync.WaitGroup
	for range processes {
		c, lines := start(t, dir, rounds)
		wg.Go(func() {
			for lines.Scan() {
				continue
			}
			if err := c.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	ds, err := s.Decisions("")
	if err != nil || len(ds) != processes*rounds {
		t.Errorf("%d decisions, want %d, %v", len(ds), processes*rounds, err)
	}
	cs, err := s.Facts("x").Collections(0)
	if err != nil || len(cs) != processes*rounds {
		t.Errorf("%d collections, want %d, %v", len(cs), processes*rounds, err)
	}
}

func TestModes(t *testing.T) {
	s := open(t)
	if err := s.Facts("x").SaveSnapshot(snapshot()); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(s.Dir(), "*"))
	if err != nil || len(files) < 2 {
		t.Fatalf("%v %v", files, err)
	}
	for _, f := range files { // with the log and the index beside the database
		if perm(t, f) != 0o600 {
			t.Errorf("%s has mode %o", f, perm(t, f))
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	mode(t, filepath.Join(s.Dir(), databaseFile), 0o644)
	if x, err := s.Facts("x").LoadSnapshot(); x == nil || err != nil {
		t.Error(err)
	}
	if got := perm(t, filepath.Join(s.Dir(), databaseFile)); got != 0o600 {
		t.Errorf("left open to others: %o", got)
	}
}

func TestSchemaThatIsOlderIsCopiedAndChanged(t *testing.T) {
	s := open(t)
	if err := s.Facts("x").SaveSnapshot(snapshot()); err != nil {
		t.Fatal(err)
	}
	db, err := s.db()
	if err != nil {
		t.Fatal(err)
	}
	steps, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.Dir(), databaseFile)
	copied := fmt.Sprintf("%s.v%d.bak", path, len(steps))
	if err := migrateTo(context.Background(), db, path, append(steps, "CREATE TABLE more (x INTEGER) STRICT; no such statement")); err == nil {
		t.Fatal("a change that fails is no error")
	}
	if n, err := schemaOf(context.Background(), db); err != nil || n != len(steps) {
		t.Errorf("a change that failed was made in part: schema %d, %v", n, err)
	}
	if err := migrateTo(context.Background(), db, path, append(steps, "CREATE TABLE more (x INTEGER) STRICT")); err != nil {
		t.Fatal(err)
	}
	if n, err := schemaOf(context.Background(), db); err != nil || n != len(steps)+1 {
		t.Errorf("schema %d, %v", n, err)
	}
	if perm(t, copied) != 0o600 {
		t.Errorf("the copy has mode %o", perm(t, copied))
	}
	old, err := sql.Open("sqlite", copied)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	var n int
	if v, err := schemaOf(context.Background(), old); err != nil || v != len(steps) || old.QueryRow("SELECT count(*) FROM record").Scan(&n) != nil || n == 0 {
		t.Errorf("the copy is of schema %d with %d records, %v", v, n, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Facts("x").LoadSnapshot(); !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "update nhitop") {
		t.Errorf("a newer schema is taken: %v", err)
	}
	if err := s.Facts("x").SaveSnapshot(snapshot()); !errors.Is(err, ErrNewer) {
		t.Errorf("a newer schema is written to: %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("it was changed: %v", err)
	}
}

func TestDatabaseThatIsNoneIsSetAside(t *testing.T) {
	for name, text := range map[string]string{"text": "hello", "half": "SQLite format 3\x00", "long": strings.Repeat("x", 10000)} {
		s := open(t)
		path := filepath.Join(s.Dir(), databaseFile)
		put(t, path, text)
		if x, err := s.Facts("x").LoadSnapshot(); x != nil || !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		if x, err := s.Facts("x").LoadSnapshot(); x != nil || err != nil {
			t.Errorf("%s: told again: %v", name, err)
		}
		if kept, err := os.ReadFile(path + ".damaged"); err != nil || string(kept) != text {
			t.Errorf("%s: not kept: %v", name, err)
		}
	}
}

func TestPagesThatAreDamagedAreFoundAndSetAside(t *testing.T) {
	s := open(t)
	f := s.Facts("x")
	if err := f.SaveSnapshot(company(50, 0)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.Dir(), databaseFile)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 3 * 4096; i < len(data); i++ { // behind the schema
		data[i] = 0xa5
	}
	put(t, path, string(data))
	var told error
	for range 3 {
		if _, err := f.LoadSnapshot(); err != nil {
			told = err
		}
	}
	if !errors.Is(told, ErrDamaged) {
		t.Fatalf("not told: %v", told)
	}
	if err := f.SaveSnapshot(company(5, 1)); err != nil {
		t.Errorf("it cannot go on: %v", err)
	}
}

func TestDecisions(t *testing.T) {
	s := open(t)
	a := triage.Decision{ID: "dec-a", At: at, By: "kim", Kind: triage.Accept, Reason: "why", Target: "find-1", Until: at.AddDate(0, 1, 0), Digest: "d"}
	b := triage.Decision{ID: "dec-b", At: at, By: "kim", Kind: triage.Assign, Owner: "lee", Target: "ast-1"}
	if err := s.Decide(context.Background(), []triage.Decision{a, b}); err != nil {
		t.Fatal(err)
	}
	if err := s.Decide(context.Background(), []triage.Decision{{ID: "dec-c", At: at, Kind: triage.Flag}, b}); err == nil {
		t.Error("an id twice is no error")
	}
	all, err := s.Decisions("")
	if err != nil || len(all) != 2 || all[0] != a || all[1] != b {
		t.Errorf("%+v %v", all, err)
	}
	if err := s.Undo(context.Background(), "dec-a", "lee", at); err != nil {
		t.Error(err)
	}
	if err := s.Undo(context.Background(), "dec-a", "lee", at); !errors.Is(err, triage.ErrGone) {
		t.Errorf("undone twice: %v", err)
	}
	if ds, err := s.Decisions("find-1"); err != nil || len(ds) != 1 || !ds[0].Undone {
		t.Errorf("%+v %v", ds, err)
	}
}
