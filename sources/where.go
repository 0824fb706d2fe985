package sources

import (
	"bytes"
	"path"
	"strings"
)

// where returns the file and line of the first frame below a panic, from a stack as runtime/debug prints it. It returns
// no argument and no path of the machine that the program was built on.
func where(stack []byte) string {
	lines := bytes.Split(stack, []byte("\n"))
	panicked := false
	for _, l := range lines {
		s := string(l)
		if strings.HasPrefix(s, "panic(") {
			panicked = true
			continue
		}
		if !panicked || !strings.HasPrefix(s, "\t") {
			continue
		}
		place, _, _ := strings.Cut(strings.TrimSpace(s), " ")
		if strings.Contains(place, "/runtime/") {
			continue
		}
		return path.Base(path.Dir(place)) + "/" + path.Base(place)
	}
	return "an unknown place"
}
