// Package giteatest gives the tests of the Gitea source a server: the simulator always, and a real one where
// NHITOP_TEST_GITEA names it. The same test runs against both, so that what the simulator answers is what Gitea answers.
//
// NHITOP_TEST_GITEA is the address of a Gitea on loopback, http://127.0.0.1:3000; any other host is refused, for the tests
// make and delete users, organisations and repositories there. NHITOP_TEST_GITEA_ADMIN is NAME:PASSWORD of an
// administrator of that instance. The packages share that server, so they are tested one after the other:
//
//	NHITOP_TEST_GITEA=http://127.0.0.1:3000 NHITOP_TEST_GITEA_ADMIN=boss:... go test -p 1 ./sources/gitea/...
//
// It is not: something that the program uses.
package giteatest
