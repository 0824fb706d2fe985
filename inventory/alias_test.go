package inventory

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestClueAndValueMeet(t *testing.T) {
	text := "gh" + "p_FAKE" + strings.Repeat("q", 20) + "abc12345"
	s := NewSink("local", Key{3}, clock)
	id := s.Secret(Secret{Kind: "github-pat-classic"}, NewValue(text))
	s2, s5 := sha256.Sum256([]byte(text)), sha512.Sum512([]byte(text))
	other := NewSink("github:acme", Key{3}, clock)
	for _, c := range []Clue{{ClueSHA256, hex.EncodeToString(s2[:])}, {ClueSHA512, hex.EncodeToString(s5[:])}, {ClueTail8, "abc12345"}, {ClueEnds5, text[:5] + "12345"}, {ClueTail8, ""}, {ClueSSH, "SHA256:x"}} {
		other.Secret(Secret{ID: ID("sec-" + string(c.By) + strconv.Itoa(len(c.Text))), Clues: []Clue{c}}, Value{})
	}
	held := s.Batch().Records.Secrets[0]
	if held.ID != id || len(held.Aliases) != 5 || !slices.IsSorted(held.Aliases) {
		t.Fatalf("%+v", held.Aliases)
	}
	for _, x := range other.Batch().Records.Secrets {
		if x.Clues != nil {
			t.Errorf("%s: the clue came through the door", x.ID)
		}
		want := !strings.Contains(string(x.ID), "ssh") && x.ID != "sec-tail80"
		if got := len(x.Aliases) == 1 && slices.Contains(held.Aliases, x.Aliases[0]); got != want {
			t.Errorf("%s: met %v", x.ID, got)
		}
	}
	b, err := json.Marshal([]Records{s.Batch().Records, other.Batch().Records})
	if err != nil || strings.Contains(string(b), hex.EncodeToString(s2[:8])) || strings.Contains(string(b), "abc12345") || strings.Contains(fmt.Sprint(held), "abc12345") {
		t.Errorf("a clue can be read (%v)", err)
	}
}

func TestAliasesAreKeyed(t *testing.T) {
	v := NewValue("FAKE-" + strings.Repeat("z", 30))
	a, b := NewSink("x", Key{1}, clock), NewSink("x", Key{2}, clock)
	a.Secret(Secret{}, v)
	b.Secret(Secret{}, v)
	for _, x := range a.Batch().Records.Secrets[0].Aliases {
		if slices.Contains(b.Batch().Records.Secrets[0].Aliases, x) {
			t.Errorf("%s does not depend on the key", x)
		}
	}
	a.Secret(Secret{}, NewValue("FAKE-short-one"))
	if x := a.Batch().Records.Secrets[1]; slices.ContainsFunc(x.Aliases, func(s string) bool { return AliasBy(s) == ClueTail8 }) {
		t.Error("the end of a short secret is most of it")
	}
}

func TestFits(t *testing.T) {
	v := NewValue("gh" + "p_FAKE" + strings.Repeat("q", 20) + "abc12345")
	s5 := sha512.Sum512([]byte(v.Reveal()))
	for c, want := range map[Clue]bool{
		{ClueSHA512, hex.EncodeToString(s5[:])}: true, {ClueTail8, "abc12345"}: true, {ClueEnds5, "gh" + "p_F12345"}: true,
		{ClueTail8, "abc12346"}: false, {ClueSHA256, hex.EncodeToString(s5[:])}: false, {ClueTail8, ""}: false, {"other", "abc12345"}: false,
	} {
		if c.Fits(v) != want || c.Fits(Value{}) {
			t.Errorf("%s %s: %v", c.By, c.Text, !want)
		}
	}
}
