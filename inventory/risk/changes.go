package risk

import (
	"cmp"
	"strings"

	"nhitop/inventory"
)

// The changes that close findings. The same Kind and Key is the same change, whichever rule asks for it.

func revoke(x *inventory.Secret, do string) Change {
	return Change{Kind: "secret", Key: string(x.ID), Subject: x.ID, Title: "revoke and replace " + called(x), Do: do}
}

// replaceSecret is the full way to end a secret: at its issuer, and in every place here.
func replaceSecret(x *inventory.Secret) Change {
	do := "Issue a narrower one with an end date, revoke this one" + at(x)
	if ps := pathsOf(x, everywhere); len(ps) > 0 {
		do += ", and take the old one out of " + list(ps)
	}
	return revoke(x, do+".")
}

func at(x *inventory.Secret) string {
	if x.Issuer != "" {
		return " at " + x.Issuer
	}
	return " at its provider"
}

func closeFile(x *inventory.Secret, path string) Change {
	return Change{Kind: "file-mode", Key: path, Subject: x.ID, Title: "close " + path + " to other accounts", Do: "Set the mode of " + path + " to 0600."}
}

func deleteBackup(x *inventory.Secret, path string) Change {
	return Change{Kind: "file", Key: path, Subject: x.ID, Title: "delete the old copy " + path, Do: "Delete " + path + "."}
}

// askAgain turns a mode back to asking, for all assistants in which the same settings decide.
func askAgain(p *profile) Change {
	do := "Set its approval mode to one that asks."
	if ss := p.settings(inventory.SettingMode); len(ss) > 0 {
		do = "Turn " + ss[0].Name + " in " + ss[0].Path + " back to asking."
	} else if p.a.Job != nil {
		do = "Run it with a short list of allowed tools in place of the flag that skips all questions."
	}
	return Change{Kind: "mode", Key: p.cause(inventory.SettingMode), Subject: p.a.ID, Title: "make " + p.name + " ask again", Do: do}
}

// isolate confines all assistants of a family.
func isolate(p *profile) Change {
	return Change{Kind: "sandbox", Key: p.family(), Subject: p.a.ID, Title: "run " + product(p.a) + " in a sandbox",
		Do: "Switch its sandbox on, or run it in a container or VM with an empty home and named hosts only."}
}

func product(a *inventory.Assistant) string {
	if a.Job != nil {
		return name(a)
	}
	return cmp.Or(a.Kind, a.Name, "the assistant")
}

func limitNetwork(p *profile) Change {
	return Change{Kind: "network", Key: p.family(), Subject: p.a.ID, Title: "let " + product(p.a) + " reach named hosts only",
		Do: "Set a list of the hosts that it may reach."}
}

func narrowList(p *profile, path string) Change {
	return Change{Kind: "allow", Key: p.family() + "|" + path, Subject: p.a.ID, Title: "narrow the allow list in " + path,
		Do: "Replace the wide rules in " + path + " by exact commands."}
}

// fixSetting takes one setting back.
func fixSetting(p *profile, s *inventory.Setting, do string) Change {
	return Change{Kind: "setting", Key: s.Path + "#" + s.Pointer + "#" + s.Name, Subject: p.a.ID, Title: "change " + s.Name + " in " + cmp.Or(s.Path, product(p.a)),
		Do: do}
}

func manageSettings(p *profile) Change {
	return Change{Kind: "managed", Key: p.family(), Subject: p.a.ID, Title: "put the settings of " + product(p.a) + " out of its own reach",
		Do: "Move its settings into a managed file that it cannot write."}
}

// fixServer changes one entry of a tool server.
func fixServer(s Subject, do string) Change {
	return Change{Kind: "server", Key: serverKey(s), Subject: s.Tool.ID, Title: "fix or remove tool server " + s.server(), Do: do}
}

// serverKey is the same for one entry of one file, whichever assistants read it.
func serverKey(s Subject) string {
	for _, e := range tidy(s.Tool.Evidence) {
		if e.Path != "" {
			return e.Path + "#" + e.Pointer + "#" + s.Tool.Name
		}
	}
	return string(s.Tool.ID)
}

func fixJob(p *profile, do string) Change {
	j := p.a.Job
	return Change{Kind: "job", Key: p.a.Path + "|" + j.Workflow + "|" + j.Name, Subject: p.a.ID,
		Title: "fix job " + quote(j.Name) + " of " + cmp.Or(j.Workflow, p.a.Path), Do: do}
}

func nameOwner(p *profile, place string) Change {
	return Change{Kind: "owner", Key: place, Subject: p.a.ID, Title: "name an owner for " + p.name,
		Do: "Name a person who answers for it (CODEOWNERS for a repository, the charter for the rest)."}
}

func ownAccount(p *profile) Change {
	return Change{Kind: "account", Key: p.family(), Subject: p.a.ID, Title: "give " + product(p.a) + " an account of its own",
		Do: "Create an app, bot or workload account with the few rights that it needs, and log it in with that."}
}

func narrowGrants(p *profile, what string) Change {
	return Change{Kind: "grant", Key: p.family() + "|" + what, Subject: p.a.ID, Title: "take " + what + " from " + p.name,
		Do: "Take " + what + " away from " + p.name + "."}
}

func repairSource(s *inventory.SourceStatus) Change {
	return Change{Kind: "source", Key: s.Name, Subject: SourceID(s.Name), Title: "repair source " + s.Name,
		Do: "See the sources view for each place and its reason: mend rights, limits or the file."}
}

// parent is the place of an assistant that an owner answers for: a repository or a home.
func parent(a *inventory.Assistant) string {
	if a.Path != "" {
		return a.Host + "|" + strings.TrimSuffix(a.Path, "/")
	}
	return string(a.ID)
}
