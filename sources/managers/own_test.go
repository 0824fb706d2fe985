package managers

import (
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/self"
)

// The credentials that places are written with are in the inventory as nhitop's own; one that cannot be read is a warning.
func TestOwn(t *testing.T) {
	vault := newBench(t, 2, all, true)
	_, aws := awsBench(t, "", was)
	places := map[string]revoke.Manager{"vault": vault.Manager, "aws": aws}
	values := map[string]string{"TOKEN": token, "KEY": accessKey}
	env := sources.Env{Getenv: func(name string) string { return values[name] }}
	collect := func() inventory.Batch {
		sink := inventory.NewSink(Source, inventory.Key{1}, time.Now)
		if err := Own(places, env)(t.Context(), sink); err != nil {
			t.Fatal(err)
		}
		return sink.Batch()
	}
	b := collect()
	if len(b.Records.Secrets) != 2 || b.Records.Secrets[0].Kind != "aws-secret-key" || b.Records.Secrets[0].KeyID != accessID || b.Records.Secrets[1].Kind != "vault-service-token" || len(b.Warnings) != 0 {
		t.Errorf("%+v %v", b.Records.Secrets, b.Warnings)
	}
	for _, e := range b.Records.Entitlements {
		if e.Assistant != self.ID || e.Capability != inventory.WriteSecrets {
			t.Errorf("%+v", e)
		}
	}
	if len(vault.sent) != 0 {
		t.Errorf("it asked: %v", vault.sent)
	}
	delete(values, "TOKEN")
	if b := collect(); len(b.Records.Secrets) != 1 || len(b.Warnings) != 1 {
		t.Errorf("%+v %v", b.Records.Secrets, b.Warnings)
	}
}
