// Package httpx is the one HTTP client of all sources that read from a provider.
//
// What it holds for everybody:
//   - nothing is changed by reading: a method that is not safe is refused, before anything is sent, unless the context is
//     [Armed] by the step that asks for it;
//   - TLS 1.2 or newer; plain HTTP for loopback alone; a certificate authority of one's own; proxies by the environment
//     (HTTPS_PROXY, HTTP_PROXY, NO_PROXY);
//   - a credential goes to the base's own host and nowhere else: a redirect or a page link to another host is refused, or,
//     for a GET that carries no credential, followed without one;
//   - requests that may be repeated are repeated after cut connections, time-outs, 429 and 502 to 504, with back-off and
//     jitter or after the time that Retry-After names; what changes something is sent once, unless the source says that
//     sending it twice is the same as once;
//   - primary and secondary rate limits are waited for, up to a bound, and shown while they are;
//   - an answer is bounded in size and JSON nesting; conditional requests save what did not change;
//   - logs and errors name method and path, never a header, a query or a body.
//
// Repeating is done by hashicorp/go-retryablehttp (v0.7.8): its loop rewinds bodies, drains answers and ends with the
// context, and its policy is a hook, so that what may be repeated is decided here (its own policy would repeat a DELETE
// after a 500). It waits nowhere: waiting is done here, where it can be shown and tested without a clock. The pace of
// requests is kept by golang.org/x/time/rate (v0.16.0), asked with the client's own clock.
//
// It is not: a client of any provider. It knows no path and no scope.
package httpx
