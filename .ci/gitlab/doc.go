// Package contract holds the simulator of GitLab, and what nhitop asks of GitLab, against GitLab's own Go client, and where
// it is at hand against GitLab's OpenAPI document. It is a module of its own, so that nhitop does not depend on either.
package contract
