// Package records takes in records of the JSON interface that somebody else wrote: it reads them with inventory/schema, gives
// each an id of its own, takes out what looks like a secret, fills in what is not known, and hands them to the sink.
//
// Ids are free texts to those who write them. They become ids of the source that delivers them, so that no writer can speak
// of another source's records; only where the caller allows it are ids of nhitop's own form kept.
//
// It is not: a judge of what is true. What a writer says is what that writer says, and bears the source's name.
package records
