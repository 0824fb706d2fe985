package catalogue

import "testing"

func TestEmbeddedIsSound(t *testing.T) {
	var b builder
	b.layer(embedded, "data", "")
	if _, err := b.finish(); err != nil {
		t.Fatal(err)
	}
	if len(Embedded().Assistants) == 0 {
		t.Fatal("no assistants")
	}
}
