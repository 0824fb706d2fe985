package ui

import (
	"testing"

	"nhitop/inventory/posture"
)

// That the audit log is not where it should be is in the header wherever one is, and in full in its list.
func TestAuditTroubleIsShown(t *testing.T) {
	d := newDriver(t, snapshot(company()), 80, 24)
	d.send(engineMsg(posture.Event{Snapshot: d.e.snap}))
	d.lacks("AUDIT LOG")
	d.e.trouble = "audit log: syslog udp:log:514 does not have all of it (connection refused)"
	d.keys("2")
	d.want("AUDIT LOG: see :audit")
	d.keys(":", "audit", "enter")
	d.want("syslog udp:log:514 does not have all of it")
	fits(t, d)
}
