package contract

import (
	"encoding/json"

	"github.com/getkin/kin-openapi/openapi3"
)

// items are the objects of an answer.
func items(data []byte) []map[string]any {
	var list []map[string]any
	if json.Unmarshal(data, &list) == nil {
		return list
	}
	var one map[string]any
	if json.Unmarshal(data, &one) == nil {
		return []map[string]any{one}
	}
	return nil
}

// fits compares a value with a type of the document. null fits everything, for the document marks nothing as nullable; a
// list of what is typed as one object fits, and so does what is typed as text, which it says of whatever has no type.
func fits(s *openapi3.Schema, v any) bool {
	if list, ok := v.([]any); ok {
		if s.Type.Is("array") || s.Type.Is("string") || s.Type == nil {
			return true
		}
		for _, x := range list {
			if !fits(s, x) {
				return false
			}
		}
		return true
	}
	switch v.(type) {
	case nil:
		return true
	case map[string]any:
		return s.Type == nil || s.Type.Is("object") || s.Type.Is("string")
	case string:
		return s.Type == nil || s.Type.Is("string")
	case float64:
		return s.Type == nil || s.Type.Is("integer") || s.Type.Is("number") || s.Type.Is("string")
	case bool:
		return s.Type == nil || s.Type.Is("boolean") || s.Type.Is("string")
	}
	return false
}
