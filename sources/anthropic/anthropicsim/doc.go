// Package anthropicsim is one organisation at Anthropic in the process: the Admin API as far as sources/anthropic asks it,
// and GET /v1/models, to which every key that lives is answered. It keeps state, takes its time from the caller, and can be
// late, lie, and limit.
//
// Shapes are those of Anthropic's own Go SDK (anthropic-sdk-go v1.84.0): a module of its own in .ci/llm reads the
// simulator with that SDK and compares every field, and holds the requests of the source against the SDK's. The Claude
// Code report is not in the SDK; its shape is that of the documentation (read 2026-11). What the SDK says in words is kept:
// an Admin API key is refused for service accounts and federation, an OAuth token needs org:admin; a rule that grants
// org:admin is managed in the Console alone; an issuer or a service account that a live rule names is not archived; to
// archive twice is to archive once; lists of the first kind page by ids, those of the second by an opaque word.
//
// It is not: a model of what is not said anywhere. Whether an archived key can be made active again nobody says; here it
// cannot. Words of error messages are made up, their types are not.
package anthropicsim
