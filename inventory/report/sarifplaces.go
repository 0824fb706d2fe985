package report

import (
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"nhitop/inventory"
)

// The bases of addresses. Every address is relative: GitHub's code scanning refuses a whole file for one address of another
// scheme than file, and reads a relative one as below the repository's root, whatever its base (codeql-action issues 754
// and 2456). A reader that resolves bases finds the file.
const (
	baseProject   = "SRCROOT" // the first folder of projects; SRCROOT-2 the next
	baseHome      = "HOME"
	baseMachine   = "ROOT"
	baseProvider  = "PROVIDER"
	baseInventory = "INVENTORY"
)

func projectBase(i int) string {
	if i == 0 {
		return baseProject
	}
	return baseProject + "-" + strconv.Itoa(i+1)
}

// bases says what addresses are relative to. Those without an address of their own are for the reader to know.
func (x *sarifLog) bases() map[string]sarifArtifact {
	says := func(text string) *sarifText { return &sarifText{Text: text} }
	m := map[string]sarifArtifact{
		baseHome:      {Description: says("the home folder that was scanned")},
		baseMachine:   {URI: "file:///", Description: says("the machine that was scanned")},
		baseProvider:  {Description: says("a page or an endpoint of a provider, without its scheme")},
		baseInventory: {Description: says("a record that stands in no file, by its id")},
	}
	if x.o.Home != "" {
		m[baseHome] = sarifArtifact{URI: folderURI(x.o.Home), Description: m[baseHome].Description}
	}
	for i, r := range x.o.Roots {
		m[projectBase(i)] = sarifArtifact{URI: folderURI(r), Description: says("a folder of projects that was scanned")}
	}
	return m
}

func folderURI(dir string) string {
	return "file:///" + relativeURI(strings.TrimRight(slashed(dir), "/")+"/")
}

// locations are where a finding was seen, files before what is no file, and how many were left out. There is always one.
func (x *sarifLog) locations(f *inventory.Finding) (out []sarifLocation, leftOut int) {
	es := f.Evidence
	if len(es) == 0 {
		es = placesOf(x.s, f.Subject)
	}
	var others []sarifLocation
	for i := range es {
		l, file := x.location(&es[i])
		switch {
		case l.Physical.Artifact.URI == "":
		case file:
			out = append(out, l)
		default:
			others = append(others, l)
		}
	}
	if out = append(out, others...); len(out) == 0 {
		out = []sarifLocation{{Physical: sarifPhysical{Artifact: sarifArtifact{URI: relativeURI(string(f.Subject)), Base: baseInventory}},
			Logical: []sarifLogical{{Name(x.s, f.Subject), "resource"}}}}
	}
	return out[:min(len(out), sarifLocations)], max(0, len(out)-sarifLocations)
}

// placesOf is where a record itself stands.
func placesOf(s *inventory.Snapshot, id inventory.ID) []inventory.Evidence {
	if a := s.Assistant(id); a != nil {
		return a.Evidence
	}
	if t := s.Tool(id); t != nil {
		return t.Evidence
	}
	if o := s.Owner(id); o != nil {
		return o.Evidence
	}
	var es []inventory.Evidence
	if x := s.Secret(id); x != nil {
		for _, l := range x.Locations {
			es = append(es, inventory.Evidence{Path: l.Path, Pointer: l.Pointer, Line: l.Line, Note: l.Note})
		}
	}
	return es
}

// location is one place, and whether it is a file.
func (x *sarifLog) location(e *inventory.Evidence) (l sarifLocation, file bool) {
	l.Physical.Artifact, file = x.artifact(e.Path)
	if file && e.Line > 0 {
		l.Physical.Region = &sarifRegion{e.Line}
	}
	if !file {
		l.Logical = append(l.Logical, sarifLogical{e.Path, "resource"})
	}
	if e.Pointer != "" {
		l.Logical = append(l.Logical, sarifLogical{e.Pointer, "member"})
	}
	if e.Note != "" {
		l.Message = &sarifText{Text: sarifProse(e.Note)}
	}
	return l, file
}

func (x *sarifLog) artifact(place string) (a sarifArtifact, file bool) {
	place = slashed(place)
	if scheme, rest, ok := strings.Cut(place, "://"); ok && scheme != "" && !strings.ContainsAny(scheme, "/ ") {
		return sarifArtifact{URI: relativeURI(rest), Base: baseProvider}, false
	}
	rest, home := strings.CutPrefix(place, "~/")
	abs := place
	if home && x.o.Home != "" {
		abs = strings.TrimRight(slashed(x.o.Home), "/") + "/" + rest
	}
	for i, r := range x.o.Roots {
		if in, ok := strings.CutPrefix(abs, strings.TrimRight(slashed(r), "/")+"/"); ok && in != "" && r != "" {
			return sarifArtifact{URI: relativeURI(in), Base: projectBase(i)}, true
		}
	}
	switch {
	case home:
		return sarifArtifact{URI: relativeURI(rest), Base: baseHome}, true
	case strings.HasPrefix(place, "/"):
		return sarifArtifact{URI: relativeURI(place), Base: baseMachine}, true
	case len(place) > 2 && place[1] == ':' && place[2] == '/': // of Windows
		return sarifArtifact{URI: relativeURI(place), Base: baseMachine}, true
	case strings.Contains(place, "/"):
		return sarifArtifact{URI: relativeURI(place)}, true
	}
	return sarifArtifact{URI: relativeURI(place), Base: baseInventory}, false // the environment, standard input
}

// slashed is a path of Windows with slashes; any other stays.
func slashed(p string) string {
	if len(p) > 2 && p[1] == ':' && p[2] == '\\' || strings.HasPrefix(p, `\\`) {
		return strings.ReplaceAll(p, `\`, "/")
	}
	return p
}

// relativeURI writes a path as the relative address that it is: what would be a scheme, a query or a way up is escaped or
// resolved, and what is no character of an address is escaped.
func relativeURI(p string) string {
	if slices.Contains(strings.Split(p, "/"), "..") {
		p = path.Clean("/" + p)
	}
	parts := strings.Split(strings.TrimLeft(p, "/"), "/")
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(url.PathEscape(part), ":", "%3A")
	}
	return strings.Join(parts, "/")
}
