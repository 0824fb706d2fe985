// Package wire puts the program together: configuration, sources, service, dashboard. It is the one place that knows all
// of them.
//
// It is not: a place for decisions. What a part does, that part decides.
package wire
