// Package inventory holds the nouns of nhitop: the assistants of a company, who answers for them, which secrets they
// hold or reach, what they may do, and the door through which every such fact comes in.
//
// It is: the record types of the JSON interface "nhitop/v1", the identity of a record ([ID]), the only way in ([Sink]),
// the only type that carries a secret's value ([Value]) and the immutable, indexed result ([Snapshot]).
//
// Snapshots follow on each other ([Snapshot.Next]): the later one holds the memory of the earlier where they are equal, and
// knows how the two differ ([Delta]), so that what comes after need not look at everything again.
//
// It is not: a collector (sources), a judge (inventory/risk), a store, or a screen. It imports the standard library only
// and knows no provider, no file format and no product.
//
// Unknown is a value: an empty string, a zero time and a missing capability mean "nobody could tell", never "no".
package inventory
