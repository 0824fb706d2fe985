//go:build !unix

package local

import "testing"

func peakMiB() float64 { return 0 }

func makeSpecial(t *testing.T, _, _ string) { t.Skip("no FIFO on this system") }
