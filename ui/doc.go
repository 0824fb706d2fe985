// Package ui is the dashboard: a Bubble Tea program over the service in inventory/posture.
//
// The root model is a router: size, text entry, actions, engine events, then the page in front. A page is a list, a
// detail, a plan or a run; lists keep their cursor, marks and filter while others are in front. A detail shows a record in
// tabs, one of which is the tree of what it is tied to; what is not part of a snapshot (its history, the lines of its files)
// is read when its tab comes to the front. Keys are rows of one table of actions, and an action that is not possible says
// why. No page does any work of its own that can take time: everything goes through the [Engine] in a command, so that a
// hung source never blocks a key.
//
// It is not: a collector, a judge or a revoker, and it knows no source. Charm is imported here and nowhere else.
package ui
