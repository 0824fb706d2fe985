// Package change says what is different between two states of the inventory: what is new, gone, grown, shrunk, fixed or
// reopened, in one line each, and by whom where a source or a run says so.
//
// That something is gone is said only when every source that had seen it was read since; a source that failed, or that is
// no longer asked, makes nothing disappear. Unknown is a value: what becomes unknown has neither shrunk nor gone.
//
// It is not: a place where states are kept (inventory/store).
package change
