// Package contract holds the simulators of Anthropic and OpenAI, and what nhitop asks of the two, against the vendors' own
// Go SDKs: the SDK reads every answer of a simulator, and must find each field that it knows and none that it does not;
// what nhitop sends must be what the SDK would. It is a module of its own, so that nhitop does not depend on either.
package contract
