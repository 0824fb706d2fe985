// Package contract holds a simulator of GitHub, and the source that asks it, to what GitHub publishes about its APIs.
//
// [Hold] and [Contract.Wrap] check every request and every answer: an operation that is not known, a parameter or body
// that the schema refuses, an answer of another shape, and an answer with a field that the schema does not name. [Known]
// and [KnownGraph] check the Go types that answers are read into.
//
// Of REST it knows testdata/openapi.json: the operations of testdata/operations.txt and what they refer to, cut out of
// generated/ghec.json of the npm package @octokit/openapi 23.0.2 (MIT, testdata/openapi.LICENSE) and without prose,
// examples and extensions; nothing else was changed. A few properties that GitHub documents elsewhere are added (see
// extra), and the path of a file may have slashes. GitHub answers 304, 400, 401, 403, 404, 422 and 429 to operations that do
// not list them; those are held to the common form of errors.
//
// Of GraphQL it knows testdata/schema.graphql: the types and fields of testdata/types.txt, cut out of schema.graphql of the
// npm package @octokit/graphql-schema 15.26.0 (MIT, testdata/schema.LICENSE). The test that makes the cuts compares them
// with the published packages where it is given them.
//
// To make the cuts anew, add to operations.txt or types.txt what is missing and run
//
//	npm pack @octokit/openapi@23.0.2 && mkdir o && tar xzf octokit-openapi-23.0.2.tgz -C o
//	npm pack @octokit/graphql-schema@15.26.0 && mkdir g && tar xzf octokit-graphql-schema-15.26.0.tgz -C g
//	go test ./sources/github/githubsim/contract -run TestCut -update -openapi "$PWD/o/package" -graphql "$PWD/g/package"
//
// It is not part of the program: only tests import it. What GitHub does and does not publish (which permission an
// operation needs, what it answers to a token without it) it cannot check.
package contract
