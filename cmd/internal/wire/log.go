package wire

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
)

// Log opens the log file, 0600. Without a file nothing is logged. The caller closes it.
func Log(path string) (*slog.Logger, io.Closer, error) {
	if path == "" {
		return slog.New(slog.DiscardHandler), io.NopCloser(nil), nil
	}
	if st, err := os.Lstat(path); err == nil && (!st.Mode().IsRegular() || runtime.GOOS != "windows" && st.Mode().Perm()&0o077 != 0) {
		return nil, nil, fmt.Errorf("--log-file %s: must be a regular file that others cannot reach (chmod 600)", path)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("--log-file: %w", err)
	}
	return slog.New(slog.NewJSONHandler(f, nil)), f, nil
}
