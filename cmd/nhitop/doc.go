// Command nhitop shows the AI code assistants of a company as non-human identities: who they are, who answers for them,
// which secrets they hold, what they may do; and takes that away, with proof.
//
// One file a verb. A verb reads its flags, asks the service and prints; it decides nothing itself.
package main
