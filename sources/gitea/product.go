package gitea

import (
	"slices"
	"strings"
	"unicode"

	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/self"
)

// common are ids that are words of every day: they name a product only where nothing else stands in the name.
var common = map[string]bool{"continue": true, "amp": true, "warp": true, "zed": true, "goose": true, "crush": true, "cody": true, "augment": true, "cursor": true, "sweep": true, "jules": true}

// productOf recognises an assistant by what people call its account, token, key or application: by its id, its name, or
// the login of its bot, standing as whole words in the name. alone asks for nothing beside it but words such as bot.
func productOf(cat *catalogue.Catalogue, name string, alone bool) *catalogue.Assistant {
	have := words(name)
	if len(have) == 0 {
		return nil
	}
	var best *catalogue.Assistant
	most := 0
	for i := range cat.Assistants {
		a := &cat.Assistants[i]
		if a.ID == self.Kind { // its own credential is told apart by its value
			continue
		}
		for _, n := range slices.Concat([]string{a.ID, a.Name}, a.CI.Bots) {
			want := words(strings.TrimSuffix(n, "[bot]"))
			at := indexWords(have, want)
			if at < 0 || len(want) <= most {
				continue
			}
			rest := slices.Concat(have[:at], have[at+len(want):])
			if (alone || len(want) == 1 && common[want[0]]) && !slices.ContainsFunc(rest, notFiller) || !alone && !(len(want) == 1 && common[want[0]]) {
				best, most = a, len(want)
			}
		}
	}
	return best
}

// filler are words that say no more than that something is a machine's.
var filler = map[string]bool{"bot": true, "agent": true, "ai": true, "cli": true, "svc": true, "service": true, "app": true, "token": true, "pat": true, "key": true, "deploy": true, "ci": true, "robot": true, "account": true, "the": true}

func notFiller(w string) bool {
	return !filler[w] && strings.Trim(w, "0123456789") != ""
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// indexWords finds words standing one after the other among others.
func indexWords(have, want []string) int {
	if len(want) == 0 {
		return -1
	}
	for i := 0; i+len(want) <= len(have); i++ {
		if slices.Equal(have[i:i+len(want)], want) {
			return i
		}
	}
	return -1
}
