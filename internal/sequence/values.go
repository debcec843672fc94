package sequence

import (
	"fmt"
	"regexp"
	"slices"

	"drumbeat/internal/address"
	"drumbeat/internal/strictyaml"
)

// leadFields are the columns of a lead that a file may name; all others are
// custom.NAME.
func leadFields() []string {
	return []string{
		"email", "first_name", "last_name", "company", "title", "country", "region", "timezone",
		"language", "linkedin_url", "phone", "industry", "employees", "source",
	}
}

var customField = regexp.MustCompile(`^custom\.[a-z0-9_]{1,64}$`)

func parseField(text string) (string, error) {
	if slices.Contains(leadFields(), text) || customField.MatchString(text) {
		return text, nil
	}
	if near := strictyaml.Nearest(text, leadFields()); near != "" {
		return "", fmt.Errorf("%q is not a field of a lead; did you mean %s?", text, near)
	}
	return "", fmt.Errorf("%q is not a field of a lead; columns of your own are custom.%s", text, text)
}

func parseAddress(text string) (string, error) {
	if err := address.Check(text); err != nil {
		return "", fmt.Errorf("%q is not an address", text)
	}
	return text, nil
}
