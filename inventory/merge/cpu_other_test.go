//go:build !unix

package merge_test

import "time"

func cpu() time.Duration { return 0 }
