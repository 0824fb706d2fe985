//go:build unix

package main

import (
	"bytes"
	"testing"
	"time"
)

// The lines around every secret are looked at, in a real terminal: none of the values is among them.
func TestEvidenceShowsNoPlantedValue(t *testing.T) {
	p := plant(t)
	x := openScreen(t, p.command())
	x.until(t, 0, "FIX TH")
	x.press(t, "4", "secrets")
	x.press(t, "\r", "[facts]")
	x.walk(t, "\t", "[evidence")
	for i, seen := 0, len(x.text()); ; i++ {
		_, _ = x.tty.WriteString("G]")
		time.Sleep(30 * time.Millisecond) // as fast as somebody who holds the key
		if bytes.Contains(x.text()[seen:], []byte("that is the last one")) {
			break
		}
		if i > 500 {
			t.Fatal("the list never ends")
		}
	}
	if !bytes.Contains(x.text(), []byte(`"[redacted]"`)) {
		t.Error("no line with a secret taken out was shown")
	}
	p.search(t, "the screen", x.text())
}
