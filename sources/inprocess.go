package sources

import (
	"net/http"

	"nhitop/sources/internal/httpx"
)

// InProcess serves requests by a handler in this process: a simulator of a service as one of Env.Transport.
func InProcess(h http.Handler) http.RoundTripper { return httpx.InProcess(h) }
