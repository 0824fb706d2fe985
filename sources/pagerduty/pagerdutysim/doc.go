// Package pagerdutysim is PagerDuty's REST API v2 as far as nhitop asks it: teams, services, escalation policies, users and who is
// on call, in pages of offset, limit and more. It follows the documentation (read 2026-11).
//
// It is not: a calendar. Who is on call its world says.
package pagerdutysim
