package report

import (
	"io"
	"strings"

	"nhitop/inventory"
)

// SourceInfo is one source with its last status.
type SourceInfo struct {
	Name      string                 `json:"name"`
	Kind      string                 `json:"kind"`
	Reads     []string               `json:"reads"`
	Revokes   []string               `json:"revokes"`
	Needs     []string               `json:"needs"`
	MayRevoke bool                   `json:"may_revoke"`
	Status    string                 `json:"status"`
	Last      inventory.SourceStatus `json:"last"`
}

// Sources writes what each source can do and how its last collection went.
func Sources(w io.Writer, format string, xs []SourceInfo, o Options) error {
	switch format {
	case "json":
		for i := range xs {
			x := &xs[i]
			x.Reads, x.Revokes, x.Needs = filled(x.Reads), filled(x.Revokes), filled(x.Needs)
			x.Last.Ledger, x.Last.Warnings = filled(x.Last.Ledger), filled(x.Last.Warnings)
			if x.Last.Counts == nil {
				x.Last.Counts = map[string]int{}
			}
		}
		return writeJSON(w, struct {
			Schema  string       `json:"schema"`
			Sources []SourceInfo `json:"sources"`
		}{inventory.Schema, filled(xs)})
	case "table":
		return sourcesPage(xs).text(w, o)
	}
	return unknownFormat(format, ActFormats()...)
}

func sourcesPage(xs []SourceInfo) *page {
	p := &page{}
	for _, x := range xs {
		p.head(x.Name)
		may := strings.Join(x.Revokes, "; ")
		switch {
		case len(x.Revokes) == 0:
			may = "nothing"
		case !x.MayRevoke:
			may = "nothing: revoke = false"
		}
		last := "never read"
		if x.Status != inventory.SourceNever {
			last = day(x.Last.StartedAt) + ", " + found(x.Last.Counts)
		}
		p.facts(kv("kind", t(x.Kind)), kv("status", status(x.Status)), kv("reason", t(x.Last.Reason)), kv("last", t(last)),
			kv("reads", t(strings.Join(x.Reads, "; "))), kv("may revoke", t(may)), kv("needs", t(strings.Join(x.Needs, "; "))))
	}
	return p
}
