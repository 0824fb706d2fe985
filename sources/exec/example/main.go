package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const apiVersion = "nhitop/v1alpha1"

// The exit codes of the protocol that this plugin has a use for.
const (
	exitRequest = 2
	exitLater   = 75
)

type request struct {
	Action  string   `json:"action"`
	Targets []target `json:"targets"`
	Key     string   `json:"idempotencyKey"`
	Config  struct {
		Database string `json:"database"`
	} `json:"config"`
}

type target struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

type fields map[string]any

var errRequest = errors.New("the request is not understood")

// plugin answers one request.
type plugin struct {
	request
	db  *store
	out *json.Encoder
}

// verbs that need the database.
var verbs = map[string]func(*plugin, context.Context) error{
	"inventory": (*plugin).inventory, "plan": (*plugin).plan, "revoke": (*plugin).revoke, "verify": (*plugin).verify,
}

func (p *plugin) message(kind string, f fields) error {
	f["apiVersion"], f["kind"] = apiVersion, kind
	return p.out.Encode(f)
}

func (p *plugin) describe() error {
	return p.message("PluginInfo", fields{"name": "accounts", "version": "1.0", "provider": "the account database", "actions": []fields{
		{"name": "suspend", "layer": "principal", "reversible": true, "undo": "resume"},
		{"name": "revoke", "layer": "credential"},
	}})
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	if len(args) != 2 || args[1] != "describe" && verbs[args[1]] == nil {
		return errRequest
	}
	p := plugin{out: json.NewEncoder(out)}
	line, err := bufio.NewReader(in).ReadBytes('\n')
	if err != nil {
		return errRequest
	}
	if err := json.Unmarshal(line, &p.request); err != nil {
		return errRequest
	}
	if args[1] == "describe" {
		return p.describe()
	}
	if p.db, err = open(p.Config.Database); err != nil {
		return err
	}
	defer func() { _ = p.db.Close() }()
	return verbs[args[1]](&p, ctx)
}

// code is the exit code that says an error.
func code(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errRequest):
		return exitRequest
	}
	return exitLater
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	err := run(ctx, os.Args, os.Stdin, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code(err))
}
