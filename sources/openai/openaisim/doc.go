// Package openaisim is one organisation at OpenAI in the process: the administration API as far as sources/openai asks it,
// and GET /v1/models, to which every key that lives is answered. It keeps state, takes its time from the caller, and can be
// late, lie, and limit.
//
// Shapes are those of OpenAI's own Go SDK (openai-go v3.99.0): a module of its own in .ci/llm reads the simulator with that
// SDK and compares every field, and holds the requests of the source against the SDK's. What the SDK says in words is kept:
// a key does not show its scopes, an empty list of scopes is everything, an expired key is not changed, a provider goes
// after its rules. What a change of scopes does to requests that are under way is not said; here it follows at once, or
// after Lie.Lag.
//
// It is not: a model of what is not said anywhere. Words of error messages are made up, their codes are not.
package openaisim
