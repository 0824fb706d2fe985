package strict

import (
	"fmt"
	"strings"
)

// Advise says what to do about a word that is not known.
func Advise(word string, known []string) string {
	if len(known) == 0 {
		return "take it out"
	}
	if near := Nearest(word, known); near != "" {
		return fmt.Sprintf("did you mean %q? Known here: %s", near, strings.Join(known, " "))
	}
	return "take it out, or use one of: " + strings.Join(known, " ")
}

// Nearest returns the known word that differs least, if it differs little, else "".
func Nearest(word string, known []string) string {
	best, at := "", 1+max(1, len(word)/3)
	for _, k := range known {
		if d := distance(word, k); d < at {
			best, at = k, d
		}
	}
	return best
}

// distance is the number of letters to insert, delete, replace or swap with a neighbour.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	prev2, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
