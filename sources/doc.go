// Package sources says what a source of facts is and how one is declared.
//
// A source reads facts about assistants from one place (this machine, a forge, a cloud) and delivers them to an
// [inventory.Sink]. What else it can do it says by further small interfaces, found by assertion: a source that can
// revoke also implements revoke.Revoker.
//
// It is not: a registry filled behind the reader's back. sources/all is the explicit list.
package sources
