package risk

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/merge"
)

// merged takes the records in as a collection does that follows on another, in another order each time.
func (g *gang) merged(before *inventory.Snapshot) *inventory.Snapshot {
	r := shuffle(g.rnd, g.Records)
	sources := slices.Clone(r.Sources)
	r.Sources = nil
	m := merge.Merge([]inventory.Batch{{Source: "local", Records: r}}, nil)
	m.Sources = sources
	return before.Next(g.at, m, false)
}

// change changes something in the company.
func (g *gang) change() {
	switch g.rnd.IntN(14) {
	case 0:
		g.person()
		g.stamp(g.at)
	case 1:
		alter(g, &g.Assistants, func(x *inventory.Assistant) {
			x.Autonomy, x.Sandbox = pick(g.rnd, grades), pick(g.rnd, []inventory.Sandbox{inventory.SandboxNone, inventory.SandboxContainer, inventory.SandboxWorkspace})
		})
	case 2:
		alter(g, &g.Assistants, func(x *inventory.Assistant) {
			x.Kind, x.Host = pick(g.rnd, []string{"claude-code", "codex", "cursor"}), pick(g.rnd, g.Assistants).Host
		})
	case 3:
		alter(g, &g.Assistants, func(x *inventory.Assistant) {
			x.Ownership = g.signs()
			x.Owners, x.Network = g.owners(), pick(g.rnd, []string{"", "open", "none", "allowlist"})
		})
	case 4:
		alter(g, &g.Assistants, func(x *inventory.Assistant) {
			x.Secrets = slices.Clone(x.Secrets)
			if len(g.Secrets) > 0 && g.often(2) {
				x.Secrets = append(x.Secrets, pick(g.rnd, g.Secrets).ID)
			} else {
				x.Secrets = x.Secrets[:len(x.Secrets)/2]
			}
		})
	case 5:
		alter(g, &g.Secrets, func(x *inventory.Secret) {
			x.State, x.Storage = pick(g.rnd, []string{inventory.StateLive, inventory.StateRevoked, inventory.StateUnknown}), pick(g.rnd, []string{inventory.StoragePlaintext, inventory.StorageKeyring})
		})
	case 6:
		alter(g, &g.Secrets, func(x *inventory.Secret) {
			x.Ambient = !x.Ambient
			x.Locations = slices.Clone(x.Locations)
			if len(x.Locations) > 0 {
				x.Locations[0].Mode, x.Locations[0].Path = pick(g.rnd, []string{"0600", "0644"}), pick(g.rnd, []string{"~/.npmrc", "~/.aws/prod", x.Locations[0].Path})
			}
		})
	case 7:
		alter(g, &g.Secrets, func(x *inventory.Secret) { g.dates(x); x.Owners = g.owners() })
	case 8:
		alter(g, &g.Tools, func(x *inventory.Tool) {
			x.Pinned, x.Enabled, x.AutoApproved = pick(g.rnd, []inventory.Answer{inventory.Yes, inventory.No}), !g.often(4), g.often(2)
		})
	case 9:
		alter(g, &g.Entitlements, func(x *inventory.Entitlement) {
			x.Certain, x.Gate, x.Level = g.often(2), pick(g.rnd, []string{inventory.GateOpen, inventory.GateAsks, inventory.GateBlocked}), pick(g.rnd, []string{"read", "write", "admin"})
		})
	case 10:
		alter(g, &g.Resources, func(x *inventory.Resource) {
			x.Environment, x.Sensitivity = pick(g.rnd, []string{"production", "staging", "unknown"}), pick(g.rnd, []string{"", "public", "restricted"})
		})
	case 11:
		alter(g, &g.Owners, func(x *inventory.Owner) { x.Status = pick(g.rnd, []string{"active", "departed", "unknown"}) })
	case 12:
		g.drop()
	case 13:
		alter(g, &g.Sources, func(x *inventory.SourceStatus) {
			x.Status = pick(g.rnd, []string{inventory.SourceOK, inventory.SourceFailed})
		})
	}
}

// signs name somebody, who need not be among the owners: a team's on-call is not.
func (g *gang) signs() *inventory.Ownership {
	if len(g.Owners) < 3 || g.often(3) {
		return nil
	}
	return &inventory.Ownership{Owner: pick(g.rnd, g.Owners).ID, Others: []inventory.Claim{{Owner: pick(g.rnd, g.Owners).ID}, {Owner: pick(g.rnd, g.Owners).ID}}}
}

// alter changes one record of a list.
func alter[T any](g *gang, p *[]T, do func(*T)) {
	if len(*p) > 0 {
		*p = slices.Clone(*p)
		do(&(*p)[g.rnd.IntN(len(*p))])
	}
}

// drop takes a record away.
func (g *gang) drop() {
	switch g.rnd.IntN(6) {
	case 0:
		g.Assistants = without(g, g.Assistants)
	case 1:
		g.Secrets = without(g, g.Secrets)
	case 2:
		g.Tools = without(g, g.Tools)
	case 3:
		g.Entitlements = without(g, g.Entitlements)
	case 4:
		g.Resources = without(g, g.Resources)
	case 5:
		g.Owners = without(g, g.Owners)
	}
}

func without[T any](g *gang, xs []T) []T {
	if len(xs) < 2 {
		return xs
	}
	at := g.rnd.IntN(len(xs))
	return slices.Concat(xs[:at], xs[at+1:])
}

// Whatever has changed, judging that alone says what judging everything says.
func TestSinceIsJudgingEverything(t *testing.T) {
	took := 0
	for seed := range uint64(30) {
		p := gangPolicy()
		if seed%5 == 4 {
			p = ownRules(t, p)
		}
		g := newGang(seed, 20+int(seed%7)*15)
		at := now
		prev := Since(nil, g.merged(nil), p, at, nil)
		shown := prev.w.s.Judged(prev.Findings, prev.Issues)
		for step := range 8 {
			for range g.rnd.IntN(3) {
				g.change()
			}
			at = at.Add(pick(g.rnd, []time.Duration{0, time.Minute, time.Hour, 30 * time.Hour, 20 * day}))
			if g.often(3) {
				g.stamp(at) // all is seen again
			}
			var settle func([]inventory.Finding)
			if seed%3 == 2 {
				settle = decided(seed + uint64(step)/3)
			}
			s := g.merged(prev.w.s)
			if carry(prev, s, p, at) != nil {
				took++
			}
			next := Since(prev, s, p, at, settle)
			wantF, wantI := Settled(s, p, at, settle)
			if settle == nil { // first sights are kept
				first := prev.firstSights()
				wantF, wantI = Settled(s, p, at, func(fs []inventory.Finding) {
					for i := range fs {
						if was, ok := first[fs[i].ID]; ok {
							fs[i].FirstSeen = was
						}
					}
				})
			}
			if got, want := next.Traits(s), Survey(s, p, at); !slices.Equal(got, want) {
				t.Fatalf("seed %d, step %d: traits %+v, want %+v", seed, step, got, want)
			}
			want := s.Judged(wantF, wantI)
			shown = s.JudgedAfter(shown, next.From(), next.Findings, next.Issues)
			equalJudgement(t, fmt.Sprintf("seed %d, step %d", seed, step), next.Findings, wantF, next.Issues, wantI)
			equalLookups(t, fmt.Sprintf("seed %d, step %d", seed, step), shown, want)
			prev = next
		}
	}
	if took < 150 {
		t.Errorf("only %d judgements took something over", took)
	}
}

// equalLookups compares what two judged snapshots of the same facts give for each id.
func equalLookups(t *testing.T, what string, got, want *inventory.Snapshot) {
	t.Helper()
	if !reflect.DeepEqual(got.Posture(), want.Posture()) {
		t.Fatalf("%s: posture %+v, should be %+v", what, got.Posture(), want.Posture())
	}
	r := want.Records()
	for i := range r.Findings {
		f := &r.Findings[i]
		if at := got.Place(inventory.NounFinding, f.ID); at != i {
			t.Fatalf("%s: %s stands at %d, should be %d", what, f.ID, at, i)
		}
		for _, id := range append([]inventory.ID{f.Subject}, f.Assistants...) {
			a, b := got.FindingsOf(id), want.FindingsOf(id)
			if !slices.EqualFunc(a, b, func(a, b *inventory.Finding) bool { return a.ID == b.ID && a == got.Finding(a.ID) }) {
				t.Fatalf("%s: %d findings of %s, should be %d, or others", what, len(a), id, len(b))
			}
		}
	}
	for i := range r.Assistants {
		if id := r.Assistants[i].ID; len(got.FindingsOf(id)) != len(want.FindingsOf(id)) {
			t.Fatalf("%s: %d findings of %s, should be %d", what, len(got.FindingsOf(id)), id, len(want.FindingsOf(id)))
		}
	}
}

// A field that is new in the policy must make a difference.
func TestAnotherPolicyIsAnother(t *testing.T) {
	p := DefaultPolicy()
	if !p.same(&p) {
		t.Error("a policy is not itself")
	}
	v := reflect.ValueOf(&p).Elem()
	for i := range v.NumField() {
		q := DefaultPolicy()
		f := reflect.ValueOf(&q).Elem().Field(i)
		switch f.Kind() {
		case reflect.Map:
			f.Set(reflect.MakeMap(f.Type()))
			f.SetMapIndex(reflect.ValueOf("SEC-01"), reflect.Zero(f.Type().Elem()))
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
		case reflect.Pointer:
			f.Set(reflect.New(f.Type().Elem()))
		default:
			f.SetInt(f.Int() + 1)
		}
		if p.same(&q) {
			t.Errorf("%s makes no difference", v.Type().Field(i).Name)
		}
	}
}

// lookAtTheTime are the functions that look at the time of the judgement, with what of touched.times stands for each: what
// else looks there is not judged again when its time has come.
var lookAtTheTime = map[string]string{
	"Subject.Now":        "for the rules below",
	"world.alive":        "a secret's Expires",
	"scene.secretGate":   "a secret's Expires, less ShortLived",
	"world.known":        "first sights are taken over",
	"idleArmed":          "an assistant's LastUsed and Idle",
	"staleSource":        "sources are always asked about",
	"unusedSecret":       "a secret's LastUsed and Idle",
	"neverUsed":          "Created and GrantedAt, and neverUsedFor",
	"lateCleanup":        "Leaked and ActNowWithin, and every day",
	"pastItsEnd":         "an entitlement's Expires",
	"modifierChecks":     "LastUsed and Idle; a secret's Expires, less ShortLived",
	"notRotated":         "Created and Rotated, and MaxSecretAge",
	"Subject.unused":     "an entitlement's LastUsed and Idle",
	"standingProduction": "Expires of entitlements and secrets, less ShortLived",
	"touched.times":      "itself",
	"carry":              "whether it runs backwards",
}

func TestWhatLooksAtTheTime(t *testing.T) {
	seen := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			in := nameOf(d)
			ast.Inspect(d, func(n ast.Node) bool {
				x, ok := n.(*ast.SelectorExpr)
				if !ok || x.Sel.Name != "Now" && (x.Sel.Name != "now" || fmt.Sprint(x.X) == "t") {
					return true
				}
				seen[in] = true
				if lookAtTheTime[in] == "" {
					t.Errorf("%s: %s looks at the time; see touched.times, and say here what of it stands for that", name, in)
				}
				return true
			})
		}
	}
	for in := range lookAtTheTime {
		if !seen[in] {
			t.Errorf("%s need not be in the list any more", in)
		}
	}
}

// nameOf names a declaration.
func nameOf(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return d.Name.Name
		}
		of := d.Recv.List[0].Type
		if p, ok := of.(*ast.StarExpr); ok {
			of = p.X
		}
		return fmt.Sprint(of) + "." + d.Name.Name
	case *ast.GenDecl:
		if v, ok := d.Specs[0].(*ast.ValueSpec); ok {
			return v.Names[0].Name
		}
	}
	return ""
}
