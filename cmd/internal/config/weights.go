package config

import "nhitop/inventory/strict"

// weight is one entry of [policy.weights]: points, or a table of points and the reason for them.
type weight struct {
	points int
	why    string
}

var weightKeys = []string{"points", "why"}

// readWeight reads one entry; what is wrong with it is told with the key below it, "" for the entry itself.
func readWeight(v any) (w weight, key, wrong string) {
	const whole = "must be a whole number of points, or { points = 10, why = \"...\" }"
	switch v := v.(type) {
	case int64:
		w.points = int(v)
	case map[string]any:
		for k, x := range v {
			var ok bool
			switch k {
			case "points":
				var n int64
				n, ok = x.(int64)
				w.points = int(n)
			case "why":
				w.why, ok = x.(string)
			default:
				return w, k, "unknown key; " + strict.Advise(k, weightKeys)
			}
			if !ok {
				return w, k, map[string]string{"points": "must be a whole number", "why": "must be a string in quotes"}[k]
			}
		}
		if _, ok := v["points"]; !ok {
			return w, "", "says no points; " + whole
		}
	default:
		return w, "", whole
	}
	if w.points < -100 || w.points > 100 {
		return w, "", "must be from -100 to 100: a score is between 0 and 100"
	}
	return w, "", ""
}
