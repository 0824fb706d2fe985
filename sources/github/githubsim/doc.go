// Package githubsim is a GitHub that runs in the process: a stateful simulator of the parts of its REST and GraphQL APIs
// that the source github and the demo use.
package githubsim
