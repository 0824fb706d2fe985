// Package demo is a made-up company, Acme, for `nhitop --demo` and for tests of the whole program: its people, their homes
// on a shared development machine, its repositories and pipelines, and ninety days in which assistants came, tokens leaked
// and some of them were taken away.
//
// The company is data: the folder company holds one archive for each home and repository, in the formats that the
// assistants themselves write, one table of people and repositories, the configuration that its security team keeps, and a
// calendar. Nothing in it is random, and every time in it is so long before now. [New] writes it into a temporary folder as
// the disk of another machine; [Company.Play] runs the real collection and the real executor through the calendar, with the
// clock set back, so that history, first sights and proofs are what the program makes of them.
//
// Secrets are put together at run time ([mint]): they have the shapes of real ones and bear the mark FAKE or fa4e.
//
// It stands in cmd/internal and not beside a source, for the company is one: what the sources say of it must fit together.
// It is not: a mode of the program. Sources, store, judgement, executor and screen do not know it.
package demo
