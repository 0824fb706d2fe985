package catalogue

import "testing"

// BenchmarkEmbedded is what a start pays for the catalogue.
func BenchmarkEmbedded(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		x := builder{trusted: true}
		x.layer(embedded, "data", "")
		if c, err := x.finish(); err != nil || len(c.Assistants) == 0 {
			b.Fatal(err)
		}
	}
}
