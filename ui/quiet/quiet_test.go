package quiet

import (
	"syscall"
	"testing"
)

func TestEnvironmentIsLentAndGivenBack(t *testing.T) {
	if v, ok := syscall.Getenv(key); !ok || v != "1" {
		t.Errorf("%s is %q while the other packages are initialised", key, v)
	}
	Restore()
	if v, ok := syscall.Getenv(key); ok != was || v != before {
		t.Errorf("%s is %q (%v) afterwards, was %q (%v)", key, v, ok, before, was)
	}
}
