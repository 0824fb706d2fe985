// A plugin for nhitop: it lists, suspends and resumes service accounts that stand in a text file, one a line:
//
//	NAME on|off OWNER
//
// Put your own system in the place of the file: in load and put. The protocol is told in sources/exec/doc.go of nhitop. Build it
// with "go build -o crm crm.go", whatever you call it.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

type request struct {
	Action  string   `json:"action"`
	Targets []target `json:"targets"`
	Config  struct {
		Accounts string `json:"accounts"`
	} `json:"config"`
	// A secret of the table is read from its descriptor: os.NewFile(uintptr(r.Secrets["token"].FD), "token").
	Secrets map[string]struct {
		FD int `json:"fd"`
	} `json:"secrets"`
}

type target struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

type fields map[string]any

type account struct {
	name, owner string
	on          bool
}

// say writes one line of the answer.
func say(f fields) error { return json.NewEncoder(os.Stdout).Encode(f) }

func message(kind string, f fields) error {
	f["apiVersion"], f["kind"] = "nhitop/v1alpha1", kind
	return say(f)
}

// load returns the accounts, and what of the file was not understood.
func load(path string) (list []account, wrong []string, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	for i, line := range strings.Split(string(text), "\n") {
		w := strings.Fields(line)
		switch {
		case len(w) == 0 || strings.HasPrefix(w[0], "#"):
		case len(w) != 3 || w[1] != "on" && w[1] != "off":
			wrong = append(wrong, fmt.Sprintf("line %d is not: NAME on|off OWNER", i+1))
		default:
			list = append(list, account{name: w[0], owner: w[2], on: w[1] == "on"})
		}
	}
	return list, wrong, nil
}

// put sets a state in one go, so that whoever ends the plugin in the middle leaves the old file or the new one.
func put(path, name, state string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		if w := strings.Fields(line); len(w) == 3 && w[0] == name {
			lines[i] = w[0] + " " + state + " " + w[2]
		}
	}
	if err := os.WriteFile(path+".new", []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func find(list []account, name string) *account {
	if i := slices.IndexFunc(list, func(a account) bool { return a.name == name }); i >= 0 {
		return &list[i]
	}
	return nil
}

func describe(request) error {
	return message("PluginInfo", fields{"name": "accounts", "version": "1", "provider": "the account file",
		"actions": []fields{{"name": "suspend", "layer": "principal", "reversible": true, "undo": "resume"}}})
}

func inventory(r request) error {
	list, wrong, err := load(r.Config.Accounts)
	if err != nil {
		return err
	}
	told := map[string]bool{}
	for _, a := range list {
		if !told[a.owner] {
			told[a.owner] = true
			if err := say(fields{"type": "owner", "id": a.owner, "kind": "person", "name": a.owner}); err != nil {
				return err
			}
		}
		status := "suspended"
		if a.on {
			status = "active"
		}
		if err := say(fields{"type": "assistant", "id": a.name, "kind": "custom", "name": a.name, "status": status, "owners": []string{a.owner}}); err != nil {
			return err
		}
	}
	// What is not understood is said; then nothing that is missing is taken for gone.
	return message("InventoryDone", fields{"complete": len(wrong) == 0, "warnings": wrong, "counts": map[string]int{"assistant": len(list)}})
}

// plan reads only; what is ended needs no step.
func plan(r request) error {
	list, _, err := load(r.Config.Accounts)
	if err != nil {
		return err
	}
	steps := []fields{}
	for _, t := range r.Targets {
		if a := find(list, t.ID); t.Type == "assistant" && a != nil && a.on {
			steps = append(steps, fields{"target": t, "action": "suspend", "summary": "suspend the account " + a.name, "request": "set " + a.name + " to off",
				"effect": "it can log in no more", "residual": []string{"sessions that are open"}})
		}
	}
	return message("Plan", fields{"steps": steps})
}

// revoke, told twice with one idempotencyKey, must do a thing once; setting a state is so by itself.
func revoke(r request) error {
	list, _, err := load(r.Config.Accounts)
	if err != nil {
		return err
	}
	t, state := r.Targets[0], map[string]string{"suspend": "off", "resume": "on"}[r.Action]
	a, status := find(list, t.ID), "done"
	switch {
	case state == "":
		status = "unsupported"
	case a == nil:
		status = "not_found"
	case a.on == (state == "on"):
		status = "already"
	default:
		if err := put(r.Config.Accounts, a.name, state); err != nil {
			return err
		}
	}
	return message("ActionResult", fields{"target": t, "status": status})
}

// verify looks again, and says what was seen.
func verify(r request) error {
	list, _, err := load(r.Config.Accounts)
	if err != nil {
		return err
	}
	state, seen := "contained", "the file says off"
	switch a := find(list, r.Targets[0].ID); {
	case a == nil:
		state, seen = "dead", "the file has no such account"
	case a.on:
		state, seen = "alive", "the file says on"
	}
	return message("Verdict", fields{"target": r.Targets[0], "state": state, "grade": "attested", "observed": fields{"detail": seen}})
}

var errVerb = errors.New("no such verb")

func run(args []string) error {
	verbs := map[string]func(request) error{"describe": describe, "inventory": inventory, "plan": plan, "revoke": revoke, "verify": verify}
	if len(args) != 2 || verbs[args[1]] == nil {
		return errVerb
	}
	line, err := bufio.NewReader(os.Stdin).ReadBytes('\n')
	if err != nil {
		return err
	}
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		return err
	}
	return verbs[args[1]](r)
}

func main() {
	err := run(os.Args)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	switch {
	case errors.Is(err, errVerb):
		os.Exit(2)
	case err != nil:
		os.Exit(1)
	}
}
