package exec

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// pluginInfo is what a plugin says of itself.
type pluginInfo struct {
	Name     string   `json:"name"`
	Version  string   `json:"version"`
	Provider string   `json:"provider"` // of the system that it speaks for, as people call it; "" for its name
	Actions  []action `json:"actions"`
}

// action is one thing that a plugin can do to a record. What is not declared is not asked for.
type action struct {
	Name       string `json:"name"`
	Layer      string `json:"layer"`
	Reversible bool   `json:"reversible"`
	Undo       string `json:"undo"` // the action that takes it back
}

// actions and layers that a plugin may declare: those of providers. Files of this machine are no plugin's.
var (
	actions = []string{revoke.ActionNarrow, revoke.ActionSuspend, revoke.ActionDisable, revoke.ActionRevoke, revoke.ActionUninstall, revoke.ActionEndSeat, revoke.ActionDelete}
	layers  = []string{string(revoke.LayerPrincipal), string(revoke.LayerGrant), string(revoke.LayerCredential), string(revoke.LayerSession)}
	word    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
)

var errInfo = errors.New("does not describe itself: one line of kind PluginInfo with name and version is needed")

// describe asks the plugin what it is.
func (s *Source) describe(ctx context.Context) (pluginInfo, error) {
	return s.describeWith(ctx, request{Verb: verbDescribe})
}

func (s *Source) describeWith(ctx context.Context, q request) (pluginInfo, error) {
	var p pluginInfo
	known := 0
	err := s.call(ctx, q, func(r *run, line []byte) error {
		var m message
		switch {
		case json.Unmarshal(line, &m) != nil:
			return errInfo
		case !understood(m.APIVersion):
			return errVersion
		case m.Kind != "PluginInfo":
			return nil
		}
		if known++; known > 1 || json.Unmarshal(line, &p) != nil || p.Name == "" || p.Version == "" {
			return errInfo
		}
		p.Name, p.Version, p.Provider = r.text(p.Name), r.text(p.Version), r.text(p.Provider)
		return p.check()
	})
	if err == nil && known == 0 {
		err = errInfo
	}
	return p, err
}

// check says what is wrong with the actions.
func (p *pluginInfo) check() error {
	seen := map[string]bool{}
	for i, a := range p.Actions {
		at := fmt.Sprintf("declares actions[%d] wrong: ", i)
		switch {
		case !slices.Contains(actions, a.Name):
			return fmt.Errorf("%sname is none of %v", at, actions)
		case seen[a.Name]:
			return fmt.Errorf("%s%s is there twice", at, a.Name)
		case !slices.Contains(layers, a.Layer):
			return fmt.Errorf("%slayer is none of %v", at, layers)
		case a.Reversible != (a.Undo != ""):
			return fmt.Errorf("%swhat is reversible names its undo, and nothing else does", at)
		case a.Undo != "" && (!word.MatchString(a.Undo) || slices.Contains(actions, a.Undo)):
			return fmt.Errorf("%sundo is a word of its own, such as enable", at)
		}
		seen[a.Name] = true
	}
	return nil
}

// action returns what the plugin declared, nil for what it did not.
func (p *pluginInfo) action(name string) *action {
	i := slices.IndexFunc(p.Actions, func(a action) bool { return a.Name == name })
	if i < 0 {
		return nil
	}
	return &p.Actions[i]
}

// system is what people call that which the plugin speaks for.
func (p *pluginInfo) system() string {
	if p.Provider != "" {
		return p.Provider
	}
	return inventory.Clean(p.Name)
}
