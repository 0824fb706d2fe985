package mode

import (
	"maps"
	"slices"
)

// resolvers holds the functions that catalogue entries name, for products whose rules rows cannot say.
var resolvers = map[string]resolver{
	"claude-code": claude,
	"codex":       codex,
	"gemini-cli":  gemini,
	"qwen-code":   qwen,
	"copilot-cli": copilot,
	"vscode":      vscode,
	"cursor":      cursor,
	"cline":       cline,
	"amazon-q":    amazonQ,
	"kilo":        kilo,
	"opencode":    opencode,
	"amp":         amp,
	"zed":         zed,
	"augment":     augment,
	"factory":     factory,
}

// Resolvers returns the names that a catalogue entry may give as its resolver, sorted.
func Resolvers() []string { return slices.Sorted(maps.Keys(resolvers)) }
