package metrics

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/risk"
)

func secretEnd(w *whole) tally {
	return w.secrets(func(x *inventory.Secret) inventory.Answer {
		switch {
		case !x.Expires.IsZero() || x.LongLived == inventory.No:
			return inventory.Yes
		case x.LongLived == inventory.Yes:
			return inventory.No
		}
		return inventory.Unknown
	})
}

func secretLifetime(w *whole) tally {
	var t tally
	var days []float64
	xs := w.s.Records().Secrets
	for i := range xs {
		x := &xs[i]
		if !risk.Alive(x, w.now) {
			continue
		}
		t.of++
		if x.Created.IsZero() || x.Expires.IsZero() || x.Expires.Before(x.Created) {
			t.unknown++
			continue
		}
		days = append(days, x.Expires.Sub(x.Created).Hours()/24)
	}
	slices.Sort(days)
	if n := len(days); n > 0 {
		t.value = days[(n-1)/2]
		t.details = fmt.Sprintf("of %d, from %.0f to %.0f days", n, days[0], days[n-1])
	}
	return t
}

func rotation(w *whole) tally {
	return w.secrets(func(x *inventory.Secret) inventory.Answer {
		at := x.Created
		if x.Rotated.After(at) {
			at = x.Rotated
		}
		if at.IsZero() {
			return inventory.Unknown
		}
		return answer(w.now.Sub(at) <= w.p.MaxSecretAge)
	})
}

// leakedLive looks at dead secrets too: they are the ones that are not accepted any more.
func leakedLive(w *whole) tally {
	var t tally
	xs := w.s.Records().Secrets
	for i := range xs {
		x := &xs[i]
		switch {
		case !risk.Leaked(x):
		case !risk.Alive(x, w.now):
			t.count(inventory.No)
		case x.State == inventory.StateLive:
			t.count(inventory.Yes)
		default:
			t.count(inventory.Unknown)
		}
	}
	return t
}

// stores are where a secret is meant to be kept.
var stores = []string{inventory.StorageKeyring, inventory.StorageManager, inventory.StorageCI, inventory.StorageEncrypted, inventory.StorageProvider}

func secretKept(w *whole) tally {
	return w.secrets(func(x *inventory.Secret) inventory.Answer {
		switch {
		case x.Ambient:
			return ""
		case x.Storage == "":
			return inventory.Unknown
		}
		return answer(slices.Contains(stores, x.Storage))
	})
}

func inherited(w *whole) tally {
	return w.secrets(func(x *inventory.Secret) inventory.Answer { return answer(x.Ambient) })
}

func copies(w *whole) tally {
	var t tally
	places, most, where := 0, 0, ""
	xs := w.s.Records().Secrets
	for i := range xs {
		x := &xs[i]
		n := len(x.Locations)
		if n == 0 || !risk.Alive(x, w.now) {
			continue
		}
		if n > 1 {
			seen := make(map[[2]string]bool, n)
			for _, l := range x.Locations {
				seen[[2]string{l.Path, l.Pointer}] = true
			}
			n = len(seen)
		}
		t.of++
		places += n
		if n > most {
			most, where = n, x.Kind
			if x.Hint != "" {
				where += " …" + x.Hint
			}
		}
	}
	if t.of > 0 {
		t.value = float64(places) / float64(t.of)
	}
	if most > 1 {
		t.details = fmt.Sprintf("at most %d, of %s", most, where)
	}
	return t
}

// kept are the managers of secrets by what names them in a reference or in the place of a secret. The first that fits is
// taken. Forms of the managers' own documentation, 2026-11.
var kept = []struct {
	name string
	re   *regexp.Regexp
}{
	{"1Password", regexp.MustCompile(`^op://|\bop (?:read|run|item|inject)\b`)},
	{"HashiCorp Vault", regexp.MustCompile(`^vault(?:://|:)|^!vault\b|\bvault (?:read|kv)\b|\$\{vault:`)},
	{"AWS Secrets Manager", regexp.MustCompile(`:secretsmanager:|^awssm://|^secretsmanager:|\baws secretsmanager\b`)},
	{"AWS Parameter Store", regexp.MustCompile(`:ssm:|^ssm:|\baws ssm\b`)},
	{"Google Secret Manager", regexp.MustCompile(`^gcp-?sm://|^gcp-secret:|projects/[^/\s]+/secrets/|\bgcloud secrets\b`)},
	{"Azure Key Vault", regexp.MustCompile(`^(?:akv|keyvault)://|@Microsoft\.KeyVault|\baz keyvault\b`)},
	{"Bitwarden", regexp.MustCompile(`^bws://|\bbws (?:secret|run)\b|\bbw get\b`)},
	{"Doppler", regexp.MustCompile(`^doppler://|\bdoppler (?:run|secrets)\b`)},
	{"Infisical", regexp.MustCompile(`\binfisical (?:run|secrets|export)\b`)},
	{"SOPS", regexp.MustCompile(`^ENC\[|\bsops (?:-d|--decrypt|decrypt|exec-env)\b`)},
	{"Conjur", regexp.MustCompile(`\b(?:summon|conjur) `)},
	{"LastPass", regexp.MustCompile(`\blpass show\b`)},
	{"pass", regexp.MustCompile(`\b(?:go)?pass (?:show )?[\w./-]+`)},
	{"keyring of the system", regexp.MustCompile(`^(?:keyring|keychain|libsecret|secret|secrets)(?:://|:)|\$\{(?:secret|keyring|keychain):|\bsecret-tool\b|\bsecurity find-\w+-password\b|\bcmdkey\b`)},
}

// manager names the store that a text means, or "".
func manager(text string) string {
	for _, k := range kept {
		if k.re.MatchString(text) {
			return k.name
		}
	}
	return ""
}

var ciStores = map[string]string{"github-actions": "GitHub Actions secrets", "gitlab-ci": "GitLab CI variables"}

func managers(w *whole) tally {
	var t tally
	names := map[string]bool{}
	r := w.s.Records()
	for i := range r.References {
		x := &r.References[i]
		switch x.Kind {
		case "keyring", "command", "helper":
		default:
			continue
		}
		if n := manager(x.Text); n != "" {
			names[n] = true
		} else {
			t.unknown++
		}
	}
	for i := range r.Secrets {
		x := &r.Secrets[i]
		switch x.Storage {
		case inventory.StorageKeyring:
			names["keyring of the system"] = true
		case inventory.StorageManager:
			name := manager(x.Note)
			for _, l := range x.Locations {
				if name == "" {
					name = manager(l.Path)
				}
			}
			if name == "" {
				t.unknown++
			} else {
				names[name] = true
			}
		}
	}
	for i := range r.Assistants {
		if j := r.Assistants[i].Job; j != nil && len(j.Secrets) > 0 && ciStores[j.System] != "" {
			names[ciStores[j.System]] = true
		}
	}
	t.value, t.of = float64(len(names)), len(names)+t.unknown
	t.details = strings.Join(inventory.SortedKeys(names), ", ")
	return t
}
