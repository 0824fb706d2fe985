package people

import (
	"testing"

	"nhitop/inventory"
)

func TestNew(t *testing.T) {
	for _, c := range []struct{ name, email, kind, is, address string }{
		{"Alice", "alice@example.com", Human, "Alice", "alice@example.com"},
		{"alice@example.com", "", Human, "alice", "alice@example.com"},
		{"octo", "no address", Human, "octo", ""},
		{"renovate[bot]", "", Service, "renovate[bot]", ""},
		{"svc-deploy", "", Service, "svc-deploy", ""},
		{"robotham", "", Human, "robotham", ""},
	} {
		p, ok := New(c.name, c.email, "account", inventory.Evidence{})
		if !ok || p.Kind != c.kind || p.Name != c.is || p.Email != c.address {
			t.Errorf("%+v: %+v %v", c, p, ok)
		}
	}
	if _, ok := New(" ", "", "", inventory.Evidence{}); ok {
		t.Error("nobody has a name")
	}
	a, _ := New("Alice", "Alice@example.com", "", inventory.Evidence{})
	b, _ := New("al", "alice@example.com", "", inventory.Evidence{})
	if a.ID() != b.ID() || a.Owner("").Status != "unknown" {
		t.Error("one address is one person")
	}
	team, _ := CodeOwner("@acme/platform", inventory.Evidence{})
	one, _ := CodeOwner("@alice", inventory.Evidence{})
	if team.Kind != Team || one.Kind != Human || one.Name != "alice" {
		t.Errorf("%+v %+v", team, one)
	}
}
