// Package pagerduty tells who is on call for the teams that answer for assistants: from PagerDuty's REST API v2 (documentation
// read 2026-11).
//
// It is a [sources.Directory]: it is asked about the owners that are teams. Which team of PagerDuty, service, schedule or escalation
// policy stands for one the configuration says; without a word on it, the team of PagerDuty that is called like the last part of its
// name. Who is on call becomes a link of the team's record (inventory.Owner.OnCall), lowest level of escalation first, and a
// sign of the weakest kind for the assistants of that team: whom to reach now, which changes every week, and not who answers.
//
// It is not: a reader of incidents or of the whole account. It sends GET alone.
package pagerduty
