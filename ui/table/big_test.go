package table

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/query"
	"nhitop/ui/theme"
)

// fleet is an inventory of many rows as the list of assistants has them: ten columns of few texts, and two of as many texts
// as rows. It counts what is asked of it.
type fleet struct {
	ids   []inventory.ID
	where []string
	name  []string
	asked int
}

var fleetCols = []Column{
	{Key: "risk", Title: "DECISION", Min: 7, Max: 8, Priority: 1, Ranks: []string{"track", "attend", "act-now"}, Desc: true},
	{Key: "name", Title: "ASSISTANT", Min: 12, Max: 30, Good: 22, Priority: 1},
	{Key: "where", Title: "WHERE", Min: 14, Max: 60, Good: 20, Priority: 2, Tail: true, Grow: true},
	{Key: "owner", Title: "OWNER", Min: 10, Max: 28, Good: 18, Priority: 3},
	{Key: "may", Title: "MAY", Min: 12, Max: 20, Good: 14, Priority: 4},
	{Key: "autonomy", Title: "AUTONOMY", Min: 10, Max: 10, Priority: 2, Ranks: []string{"suggest", "ask", "auto-edit", "auto", "unattended"}},
	{Key: "sandbox", Title: "SANDBOX", Min: 7, Max: 9, Priority: 5},
	{Key: "secrets", Title: "SECRETS", Min: 3, Max: 7, Priority: 6, Right: true},
	{Key: "host", Title: "HOST", Min: 5, Max: 24, Good: 14, Priority: 6},
	{Key: "class", Title: "CLASS", Min: 3, Max: 9, Priority: 8},
	{Key: "age", Title: "AGE", Min: 4, Max: 8, Priority: 9, Right: true, Kind: query.Time},
	{Key: "version", Title: "VERSION", Min: 5, Max: 12, Priority: 9},
}

var (
	decisions = []string{"TRACK", "ATTEND", "ACT NOW"}
	mays      = []string{"merge-protected", "deploy-prod", "open-pr", "read-source", "exec-local"}
	modes     = []string{"suggest", "ask", "auto-edit", "auto", "unattended"}
	boxes     = []string{"none", "workspace", "container", "?"}
	styles    = []theme.Style{theme.Plain, theme.Warn, theme.Alarm}
	numbers   = func() (out [4096]string) {
		for i := range out {
			out[i] = fmt.Sprint(i)
		}
		return out
	}()
	owners = func() (out [2048]string) {
		for i := range out {
			out[i] = fmt.Sprintf("person-%d@example.com", i)
		}
		return out
	}()
	ages = func() (out [400]string) {
		for i := range out {
			out[i] = fmt.Sprintf("%d d", i)
		}
		return out
	}()
)

func newFleet(n int) *fleet {
	f := &fleet{ids: make([]inventory.ID, n), where: make([]string, n), name: make([]string, n)}
	for i := range n {
		k := int(uint32(i) * 2654435761 >> 3) // spread
		f.ids[i] = inventory.ID(fmt.Sprintf("ast-%012x", i))
		f.where[i] = fmt.Sprintf("~/src/team-%d/service-%d", k%4000, k%1_000_003)
		f.name[i] = fmt.Sprintf("agent %d of the fleet", k%2_000_003)
	}
	return f
}

func (f *fleet) Len() int              { return len(f.ids) }
func (f *fleet) ID(i int) inventory.ID { return f.ids[i] }
func (f *fleet) Cell(i, col int) Cell {
	f.asked++
	switch col {
	case 0:
		return Cell{decisions[i%3], styles[i%3]}
	case 1:
		return Cell{Text: f.name[i]}
	case 2:
		return Cell{Text: f.where[i]}
	case 3:
		return Cell{Text: owners[i*7%len(owners)]}
	case 4:
		return Cell{Text: mays[i%5]}
	case 5:
		return Cell{modes[i/5%5], styles[i/5%3]}
	case 6:
		return Cell{boxes[i%4], theme.Good}
	case 7:
		return Cell{Text: numbers[i%20]}
	case 8:
		return Cell{Text: numbers[i%500]}
	case 9:
		return Cell{Text: "nhi"}
	case 10:
		return Cell{Text: ages[i%len(ages)]}
	}
	return Cell{"2.1." + numbers[i%40], theme.Dim}
}

func fleetTable(d Data, s Sort) *Table {
	tb := New(fleetCols, theme.New(theme.Color16))
	tb.Show(Prepare(d, fleetCols, s, nil), nil)
	tb.Lines(160, 50)
	return tb
}

func filterBy(tb *Table, text string) func() *Found {
	q, err := tb.Parse(text, noon)
	if err != nil {
		panic(err)
	}
	return tb.SetFilter(q)
}

const some = 60_000 // rows: more than are looked at while a key waits

// TestLongSearch types into more rows than are looked at while a key waits: the first are shown at once, the rest is found
// elsewhere, the cursor's row is the same at the end, and what is not wanted any more is given up.
func TestLongSearch(t *testing.T) {
	tb := fleetTable(newFleet(some), Sort{Column: 0, Desc: true})
	tb.Move(some/3*2 + 7)
	at := tb.Cursor()
	more := filterBy(tb, "agent")
	if more == nil || !tb.Searching() || tb.Len() == 0 || tb.Len() == some {
		t.Fatalf("%d rows at once, searching: %v", tb.Len(), tb.Searching())
	}
	tb.Lines(160, 50)
	tb.Take(more())
	if tb.Searching() || tb.Len() != some || tb.Cursor() != at {
		t.Errorf("%d rows, cursor at %s, want %s", tb.Len(), tb.Cursor(), at)
	}
	given := filterBy(tb, "agent 12")
	filterBy(tb, "agent 123")
	if given != nil && given() != nil {
		t.Error("a search that another one followed went on")
	}
	if more := filterBy(tb, "risk=act-now autonomy=unattended"); more != nil || tb.Len() != some/15 {
		t.Errorf("columns of few texts are not judged at once: %d rows", tb.Len())
	}
	more = filterBy(tb, "agent")
	tb.Move(3)
	moved := tb.Cursor()
	tb.Take(more())
	if tb.Cursor() != moved {
		t.Errorf("the cursor was moved to %s while the search went on, and is at %s", moved, tb.Cursor())
	}
}

// TestSearchIsTheSameInAnyWay compares what is found in slices, in a narrower set and in another order.
func TestSearchIsTheSameInAnyWay(t *testing.T) {
	d := newFleet(some)
	tb := fleetTable(d, Sort{Column: 2})
	q, _ := tb.Parse("team-1 !risk=track service-9", noon)
	whole := tb.Prepared().Find(q, nil, nil)
	wider, _ := tb.Parse("team-1", noon)
	within := tb.Prepared().Find(q, tb.Prepared().Find(wider, nil, nil), nil)
	if len(whole.index) == 0 || fmt.Sprint(whole.index) != fmt.Sprint(within.index) {
		t.Errorf("%d rows, and %d of those that were found before", len(whole.index), len(within.index))
	}
	n := 0
	for i := range d.Len() {
		w := d.where[i]
		if strings.Contains(w, "team-1") && strings.Contains(w, "service-9") && decisions[i%3] != "TRACK" {
			n++
			if !whole.has(int32(i)) {
				t.Fatalf("row %d is missing", i)
			}
		}
	}
	other := tb.Prepared().Resort(Sort{Column: 1, Desc: true}, nil)
	if again := other.Again(whole); n != len(whole.index) || fmt.Sprint(again.index) != fmt.Sprint(other.Find(q, nil, nil).index) {
		t.Errorf("%d rows, want %d; or another order finds others", len(whole.index), n)
	}
}

// TestSortsAgree compares the order of columns that are held with that of columns that are not, upwards and downwards.
func TestSortsAgree(t *testing.T) {
	d := newFleet(some)
	for col := range fleetCols {
		for _, desc := range []bool{false, true} {
			p := Prepare(d, fleetCols, Sort{col, desc}, nil)
			if col != 1 && col != 2 {
				slow := Prepared{rows: p.rows, Sort: p.Sort, base: make([]int32, d.Len())}
				for i := range slow.base {
					slow.base[i] = int32(i)
				}
				slow.byText(col, nil)
				if fmt.Sprint(slow.base) != fmt.Sprint(p.base) {
					t.Errorf("%s, down %v: the two ways to sort differ", fleetCols[col].Key, desc)
				}
			}
			for k := 1; k < len(p.base); k++ {
				a, b := p.base[k-1], p.base[k]
				x, y := p.key(col, d.Cell(int(a), col).Text), p.key(col, d.Cell(int(b), col).Text)
				less := x.n < y.n || x.n == y.n && x.text < y.text
				if same := x == y; same && a > b || !same && less == desc {
					t.Fatalf("%s, down %v: row %d before %d: %v, %v", fleetCols[col].Key, desc, a, b, x, y)
				}
			}
		}
	}
}

// TestMemory holds what a table costs beyond the data that it shows.
func TestMemory(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 200_000
	}
	d := newFleet(n)
	before := heap()
	tb := fleetTable(d, Sort{Column: 2})
	filterBy(tb, "unattended")
	tb.MarkAll()
	for range 200 {
		tb.Page(1)
		tb.Lines(160, 50)
	}
	after := heap()
	perRow := float64(after-before) / float64(n)
	t.Logf("%.1f bytes a row at %d rows", perRow, n)
	const most = 64
	if perRow > most {
		t.Errorf("the table takes %.1f bytes a row, more than %d", perRow, most)
	}
	runtime.KeepAlive(tb)
	runtime.KeepAlive(d)
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestAKeyCostsTheSame guards what a key asks for and allocates: no more with many rows than with few.
func TestAKeyCostsTheSame(t *testing.T) {
	cost := func(n int) (asked int, allocs float64) {
		d := newFleet(n)
		tb := fleetTable(d, Sort{Column: 0, Desc: true})
		for range 60 {
			tb.Move(1)
			tb.Lines(160, 50)
		}
		d.asked = 0
		allocs = testing.AllocsPerRun(100, func() {
			tb.Move(1)
			tb.Lines(160, 50)
		})
		return d.asked / 101, allocs
	}
	asked, allocs := cost(some)
	few, fewAllocs := cost(2_000)
	if asked > few+2 || allocs > fewAllocs+2 || asked > 4*len(fleetCols) || allocs > 40 {
		t.Errorf("a key asks for %d cells and allocates %.0f times with %d rows, %d and %.0f with few", asked, allocs, some, few, fewAllocs)
	}
}

// TestMarksOfMany holds that marking everything costs a bit a row, and that marks go with their ids.
func TestMarksOfMany(t *testing.T) {
	d := newFleet(some)
	tb := fleetTable(d, Sort{Column: 2})
	filterBy(tb, "risk=act-now")
	if n := testing.AllocsPerRun(10, func() { tb.MarkAll() }); n > 0 {
		t.Errorf("marking all allocates %.0f times", n)
	}
	tb.Unmark()
	tb.MarkAll()
	filterBy(tb, "")
	if tb.Marks() != some/3 || len(tb.Marked()) != some/3 {
		t.Fatalf("%d marks", tb.Marks())
	}
	half := &fleet{ids: d.ids[some/2:], where: d.where[some/2:], name: d.name[some/2:]}
	tb.Show(Prepare(half, fleetCols, Sort{Column: 1}, nil), nil)
	if tb.Marks() != some/6 {
		t.Errorf("%d marks are left, want %d", tb.Marks(), some/6)
	}
}
