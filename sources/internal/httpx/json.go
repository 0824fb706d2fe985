package httpx

import (
	"encoding/json"
	"errors"
	"fmt"
)

// deep refuses JSON that is nested deeper than most. Text that is no JSON is left to the decoder.
func deep(data []byte, most int) error {
	depth, quoted := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > most {
				return fmt.Errorf("%w: JSON nested deeper than %d", ErrTooLarge, most)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// decode reads JSON. Its errors name a field and never what stands there.
func decode(data []byte, into any, most int) error {
	if err := deep(data, most); err != nil {
		return err
	}
	err := json.Unmarshal(data, into)
	var te *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &te) && te.Field != "":
		return fmt.Errorf("%w: %s is of another type", ErrAnswer, te.Field)
	case errors.As(err, &te):
		return fmt.Errorf("%w: it is of another type", ErrAnswer)
	}
	return fmt.Errorf("%w: not JSON", ErrAnswer)
}
