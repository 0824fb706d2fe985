package file

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/schema"
	"nhitop/sources/internal/people"
)

// sniff tells a format by what a file begins with.
func sniff(data []byte, ext string, columns bool) string {
	dec := json.NewDecoder(bytes.NewReader(data))
	trimmed := bytes.TrimSpace(data)
	if len(trimmed) > 0 && trimmed[0] == '[' {
		_, _ = dec.Token()
		if !dec.More() {
			return gitleaks // that is how it says that it found nothing
		}
	} else if len(trimmed) == 0 || trimmed[0] != '{' {
		if columns || strings.EqualFold(ext, ".csv") {
			return fmtCSV
		}
		return ""
	}
	keys := topKeys(dec)
	has := func(k string) bool { return keys[k] }
	switch {
	case has("bomFormat"):
		return cyclonedx
	case has("runs"):
		return sarif
	case has("DetectorName"):
		return trufflehog
	case has("RuleID"):
		return gitleaks
	case has("schema") && !has("type"), has("assistants"):
		return fmtJSON
	case has("type"), strings.EqualFold(ext, ".jsonl"), strings.EqualFold(ext, ".ndjson"):
		return fmtLines
	}
	return ""
}

// topKeys are the members of the object that comes next, as far as it can be read.
func topKeys(dec *json.Decoder) map[string]bool {
	keys := map[string]bool{}
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return keys
	}
	for dec.More() {
		t, err := dec.Token()
		key, ok := t.(string)
		if err != nil || !ok {
			return keys
		}
		keys[key] = true
		var raw json.RawMessage
		if dec.Decode(&raw) != nil {
			return keys
		}
	}
	return keys
}

// position counts lines up to an offset that only grows.
type position struct {
	data []byte
	line int
	at   int
}

func (p *position) of(offset int64) int {
	to := min(max(int(offset), p.at), len(p.data))
	for to < len(p.data) && bytes.IndexByte([]byte(" \t\r\n,:"), p.data[to]) >= 0 {
		to++
	}
	p.line += bytes.Count(p.data[p.at:to], []byte{'\n'})
	p.at = to
	return p.line + 1
}

const notJSON = "it is not JSON from here on, or ends too early"

// list reads the elements of a list that comes next.
func (x *reading) list(dec *json.Decoder, p *position, f func(raw json.RawMessage, line int)) bool {
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		x.wrong(p.of(dec.InputOffset()), "a list should stand here")
		return false
	}
	for dec.More() {
		line := p.of(dec.InputOffset())
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			x.wrong(line, notJSON)
			return false
		}
		if x.ctx.Err() != nil {
			x.short = "cancelled"
			return false
		}
		f(raw, line)
	}
	if _, err := dec.Token(); err != nil {
		x.wrong(p.of(dec.InputOffset()), notJSON)
		return false
	}
	return true
}

// document reads one object with lists of records.
func (x *reading) document(data []byte) {
	dec, p := json.NewDecoder(bytes.NewReader(data)), &position{data: data}
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		x.wrong(1, "an object should stand here")
		return
	}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			x.wrong(p.of(dec.InputOffset()), notJSON)
			return
		}
		key, _ := t.(string)
		if i := slices.IndexFunc(schema.Nouns(), func(n schema.Noun) bool { return n.List == key }); i >= 0 {
			noun := schema.Nouns()[i].Line
			if !x.list(dec, p, func(raw json.RawMessage, line int) { x.took(x.take.Take(noun, raw, line)) }) {
				return
			}
			continue
		}
		line := p.of(dec.InputOffset())
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			x.wrong(line, notJSON)
			return
		}
		x.head(key, raw, line)
	}
	if _, err := dec.Token(); err != nil {
		x.wrong(p.of(dec.InputOffset()), notJSON)
	}
}

// head looks at what stands beside the lists.
func (x *reading) head(key string, raw json.RawMessage, line int) {
	switch key {
	case "schema":
		if string(raw) != strconv.Quote(inventory.Schema) {
			x.wrong(line, "schema: only "+inventory.Schema+" is known")
		}
	case "complete":
		if string(raw) != "true" {
			x.short = "its writer did not read everything (complete is not true)"
		}
	case "sources":
		var list []struct{ Status string }
		if json.Unmarshal(raw, &list) == nil && slices.ContainsFunc(list, func(s struct{ Status string }) bool { return s.Status != inventory.SourceOK }) {
			x.short = "a source of its writer was not read to its end"
		}
	}
}

// maxLine is the length of one line of JSON Lines.
const maxLine = 1 << 20

// lines reads one record a line, until the line that says done.
func (x *reading) lines(data []byte) {
	done, n := false, 0
	for line := range bytes.Lines(data) {
		n++
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		var head struct {
			Type     string `json:"type"`
			Schema   string `json:"schema"`
			Complete bool   `json:"complete"`
		}
		switch {
		case x.ctx.Err() != nil:
			x.short = "cancelled"
			return
		case len(line) > maxLine:
			x.wrong(n, "the line is longer than 1 MiB")
		case done:
			x.wrong(n, "something stands after the line done")
			return
		case json.Unmarshal(line, &head) != nil:
			x.wrong(n, "is no JSON object with a type")
		case head.Type == "done":
			done = true
			if head.Schema != "" && head.Schema != inventory.Schema {
				x.wrong(n, "schema: only "+inventory.Schema+" is known")
			}
			if !head.Complete {
				x.short = "its writer did not read everything (complete is not true)"
			}
		case slices.ContainsFunc(schema.Derived(), func(d schema.Noun) bool { return d.Line == head.Type }):
			// nhitop judges by itself
		default:
			x.took(x.take.Take(head.Type, line, n))
		}
	}
	if !done && x.short == "" {
		x.short = `it does not end with the line {"type":"done","complete":true}`
	}
}

// csv reads one record a line, its fields in columns.
func (x *reading) csv(data []byte) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	head, err := r.Read()
	if err != nil {
		x.wrong(1, "the first line names no columns")
		return
	}
	at := x.columns(head)
	if at == nil {
		return
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		var pe *csv.ParseError
		switch {
		case errors.As(err, &pe) && errors.Is(err, csv.ErrFieldCount):
			x.wrong(pe.Line, "the line has another number of columns than the first")
			continue
		case errors.As(err, &pe):
			x.wrong(pe.Line, "a quote is in the wrong place or does not end")
			return
		case err != nil || x.ctx.Err() != nil:
			x.short = "cancelled"
			return
		}
		line, _ := r.FieldPos(0)
		x.row(row, at, line)
	}
}

// columns finds the column of each field.
func (x *reading) columns(head []string) map[string]int {
	at := map[string]int{}
	if len(x.o.Columns) == 0 {
		for _, f := range append(x.noun.Fields(), ownerColumn) {
			if i := slices.Index(head, f); i >= 0 {
				at[f] = i
			}
		}
	}
	for _, f := range inventory.SortedKeys(x.o.Columns) {
		i := slices.Index(head, x.o.Columns[f])
		if i < 0 {
			x.wrong(1, f+": no column is called "+strconv.QuoteToASCII(x.o.Columns[f])+", as the configuration says")
			return nil
		}
		at[f] = i
	}
	if _, ok := at["id"]; !ok {
		x.wrong(1, "no column holds the id; name one in the configuration: columns = { id = \"...\" }")
		return nil
	}
	return at
}

// row makes a record of a line and delivers it.
func (x *reading) row(row []string, at map[string]int, line int) {
	obj := map[string]any{}
	for f, i := range at {
		if cell := strings.TrimSpace(row[i]); cell != "" {
			obj[f] = x.cell(f, cell)
		}
	}
	if who, ok := obj[ownerColumn].(string); ok {
		delete(obj, ownerColumn)
		if p, ok := people.New(who, "", "told by "+x.name, inventory.Evidence{Path: x.file, Line: line}); ok {
			x.sink.Owner(p.Owner(""))
			list, _ := obj["owners"].([]string)
			obj["owners"] = append(list, string(p.ID()))
		}
	}
	raw, err := json.Marshal(obj)
	if err != nil {
		return
	}
	x.took(x.take.Take(x.noun.Line, raw, line))
}

// cell turns a text into what the field takes. What does not fit stays a text, and the reader of records says so.
func (x *reading) cell(field, cell string) any {
	t := x.noun.TypeOf(field)
	switch {
	case t == nil:
		return cell
	case t == reflect.TypeFor[time.Time]():
		if d, err := time.Parse(time.DateOnly, cell); err == nil {
			return d
		}
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		var list []string
		for e := range strings.SplitSeq(cell, x.o.Separator) {
			if e = strings.TrimSpace(e); e != "" {
				list = append(list, e)
			}
		}
		return list
	case t.Kind() == reflect.Bool:
		if b, err := strconv.ParseBool(strings.ToLower(cell)); err == nil {
			return b
		}
	}
	return cell
}
