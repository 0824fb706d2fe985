package table

import (
	"strings"

	"nhitop/inventory/query"
)

// Values are the texts that occur in a column, with the number of rows of each; of a column with very many texts those of
// its first rows.
func (p *Prepared) Values(col int) []query.Value {
	out := p.texts(col)
	if !p.cols[col].List {
		return out
	}
	var parts []query.Value
	at := map[string]int{}
	for _, v := range out {
		for part := range strings.SplitSeq(v.Text, ", ") {
			k, ok := at[part]
			if !ok {
				k = len(parts)
				at[part] = k
				parts = append(parts, query.Value{Text: part})
			}
			parts[k].Count += v.Count
		}
	}
	return parts
}

func (p *Prepared) texts(col int) []query.Value {
	const mostRows, mostValues = 1 << 13, 1 << 10
	if w := &p.store[col]; w.held() {
		out := make([]query.Value, len(w.texts))
		for k, text := range w.texts {
			out[k].Text = text
		}
		for i := range p.base {
			out[w.at(int32(i))].Count++
		}
		return out
	}
	var out []query.Value
	seen := map[string]int{}
	for _, row := range p.base[:min(len(p.base), mostRows)] {
		text := p.data.Cell(int(row), col).Text
		k, ok := seen[text]
		if !ok {
			if len(out) == mostValues {
				continue
			}
			k = len(out)
			seen[text] = k
			out = append(out, query.Value{Text: text})
		}
		out[k].Count++
	}
	return out
}
