package wire

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nhitop/ui"
)

// firstFrame opens the demo as the program does, and draws what is shown before anything was read.
func firstFrame(tb testing.TB) (*App, string) {
	tb.Helper()
	app, err := Open(Options{Demo: true})
	if err != nil {
		tb.Fatal(err)
	}
	return app, ui.Still(app.Service, ui.Options{Profile: app.Config.Profile, Operator: app.Operator, Demo: true}, "overview", 120, 40)
}

// Before the first frame nothing is done that can take long: no home is written, no provider made, no key, nothing collected.
func TestDemoDrawsBeforeItReads(t *testing.T) {
	app, frame := firstFrame(t)
	defer app.Close()
	if !strings.Contains(frame, "overview") || !strings.Contains(frame, "DEMO") {
		t.Errorf("no frame:\n%s", frame)
	}
	dir := filepath.Dir(app.company.Home())
	for _, made := range []string{"disk", "github-app.pem"} {
		if _, err := os.Stat(filepath.Join(dir, made)); err == nil {
			t.Errorf("%s is there already", made)
		}
	}
	r := app.company.Transport("api.github.com")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.github.com/meta", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := r.RoundTrip(req); err != nil || resp.StatusCode != http.StatusBadGateway {
		t.Errorf("GitHub is there already: %v, %v", resp, err)
	}
	if s := app.Service.Snapshot(); s != nil {
		t.Error("something was collected")
	}
}

// What a start costs until there is something to see; a person waits for less than 300 ms.
func BenchmarkDemoFirstFrame(b *testing.B) {
	for b.Loop() {
		app, _ := firstFrame(b)
		if err := app.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
