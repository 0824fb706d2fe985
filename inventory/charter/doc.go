// Package charter holds what an assistant is meant to be and do, and works out how far it has drifted from that.
//
// A charter is declared in the configuration: for whom it is (an id, kind, name or pattern), and purpose, owner, deputy,
// repositories, environments, capabilities, end, review cycle and tier. [Apply] finds the charter of each assistant, the
// most specific one, and writes into the records what was promised and how the assistant stands to it
// ([inventory.Standing]): observed minus declared is drift, granted minus used is excess. [Suggest] writes a first
// charter from what is observed.
//
// It is not: a judge (inventory/risk makes findings of it), a reader of files (the configuration decodes [Table]), or an
// approval: nobody's signature is checked here. An owner that a charter names is an assertion and marked as one.
package charter
