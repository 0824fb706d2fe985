package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"nhitop/inventory"
)

var csvHead = []string{"decision", "due", "score", "rule", "title", "subject", "subject_name", "assistants", "owners", "state",
	"detail", "fix", "path", "pointer", "line", "first_seen", "controls", "id"}

// writeCSV writes one row for each finding, the most urgent first.
func writeCSV(w io.Writer, s *inventory.Snapshot, findings []inventory.Finding) error {
	c := csv.NewWriter(w)
	if err := c.Write(csvHead); err != nil {
		return err
	}
	for i := range findings {
		row := csvRow(s, &findings[i])
		for j := range row {
			row[j] = inert(row[j])
		}
		if err := c.Write(row); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

func csvRow(s *inventory.Snapshot, f *inventory.Finding) []string {
	var place inventory.Evidence
	if len(f.Evidence) > 0 {
		place = f.Evidence[0]
	}
	line := ""
	if place.Line > 0 {
		line = strconv.Itoa(place.Line)
	}
	var controls, assistants []string
	for _, c := range f.Controls {
		controls = append(controls, c.ID)
	}
	for _, a := range f.Assistants {
		assistants = append(assistants, Name(s, a))
	}
	return []string{string(f.Decision), day(f.Due), strconv.Itoa(f.Score), f.Rule, f.Title, string(f.Subject), Name(s, f.Subject),
		strings.Join(assistants, "; "), strings.Join(ownerNames(s, f), "; "), f.State, f.Detail, f.Fix,
		place.Path, place.Pointer, line, day(f.FirstSeen), strings.Join(controls, " "), string(f.ID)}
}

// inert keeps a spreadsheet from running a cell: one that begins like a formula gets a quote before it.
func inert(cell string) string {
	if t := strings.TrimLeft(cell, " "); t != "" && strings.ContainsRune("=+-@\t\r|", rune(t[0])) {
		return "'" + cell
	}
	return cell
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
