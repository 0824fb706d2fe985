// Package exec asks a program of your own, in any language, for records, and has it take away: a plugin.
//
// # The protocol, nhitop/v1alpha1
//
// The program is started as PROGRAM VERB, with one JSON request on standard input. It answers on standard output with JSON
// Lines of at most 1 MiB each: records as "nhitop schema" prints them, with their "type", and messages with "apiVersion" and
// "kind". Standard error is for people. The verbs, and what is due:
//
//	describe   one PluginInfo{name, version, provider, actions}
//	inventory  records, Progress{text}, Warning{text}, and at last one InventoryDone{complete, counts}
//	plan       one Plan{steps, residual}
//	revoke     one ActionResult{target, status, detail}
//	verify     one Verdict{target, state, grade, observed, control}
//
// The request names the verb, the source's own name, its table "config", the time that there is (timeoutSeconds), and for
// each secret of the table the number of the descriptor on which its value can be read; values are in no argument and in no
// variable. Unknown fields and kinds are passed over. Exit codes: 0 the stream is whole, 2 the request is not understood, 3
// the credential is not accepted, 4 a limit was met, 75 try again later. What was told before another end than 0 still
// counts, and then, as without InventoryDone and complete true, nothing is taken for gone.
//
// # To take away
//
// describe declares the actions: each with name (narrow, suspend, disable, revoke, uninstall, end-seat, delete), layer (what it
// kills: principal, grant, credential, session), reversible, and undo (a word of the plugin's own) where it can be taken back.
// What is not declared is not asked for. A plugin without actions lists, and is told to do nothing.
//
// plan gets targets, each {type, id} with an id that the plugin itself gave to an assistant, secret, entitlement or tool, and
// action, "" for what fits. It reads only. A step has target, action, summary, request, effect, breaks[], residual[] (what
// survives it), residualEnds[] (what of it ends by itself: {what, seconds}, at most so long after the step, 0 where nobody
// says), horizonSeconds (until its effect can be seen), promises (proven, attested, accepted) and args, texts that
// come back with it. What is ended already needs no step. The action "manual" needs no declaration: summary says what a
// person must do.
//
// revoke gets one target, action (a declared one, or its undo), args and idempotencyKey: told twice with the same key it does
// the same thing once. status is done, already, accepted (its service will do it), not_found, changed (since the plan),
// manual (a person must: detail and url), denied, unsupported, partial or error. revoke_secrets of the table come with this
// verb alone.
//
// verify gets one target, action and args. state is dead, contained (there, and of no use), alive or unknown. It looks; what it
// does not see it does not say. observed.detail is what it saw; without it a verdict is worth no more than "accepted", with
// it "attested". "proven" needs a refusal, observed.refused, and a control that shows that the question was fair:
// control.accepted and control.detail. The host looks again by itself until the horizon.
//
// # What the host does
//
// A plugin is started only when it is the one that the configuration names by absolute path and SHA-256 and nobody but its
// owner can change it; it gets a clean environment and limits (see cage). It costs only itself: what it does wrong is
// the state of this source, with the reason, and in a plan a step for a person. Its ids are its own: it cannot speak of
// another source's records, nor be led to its own by another source's. It is told to take away only with revoke = true, by
// a step that the same program planned and whose intent is in the journal. What a plugin that ended badly did is not
// guessed but looked for, with verify.
//
// It is not: a judge of what is true in the system behind the plugin.
package exec
