package config

import (
	_ "embed"
	"strings"

	"nhitop/sources"
)

//go:embed sample.toml
var sample string

// Example is the complete example configuration: the program's own part and the sample of each source.
func Example(factories []sources.Factory) string {
	var b strings.Builder
	b.WriteString(strings.TrimRight(sample, "\n") + "\n")
	for _, f := range factories {
		head := "# [[sources." + f.Kind + "]]" // it runs only where it is named, and there may be several
		if f.Default {
			head = "[sources." + f.Kind + "]"
		}
		b.WriteString("\n" + head + "\n" + strings.TrimRight(f.Sample, "\n") + "\n")
	}
	return b.String()
}
