package sequence

import (
	"fmt"
	"regexp"
	"slices"

	"drumbeat/internal/address"
	"drumbeat/internal/outreach"
	"drumbeat/internal/strictyaml"
)

var customField = regexp.MustCompile(`^custom\.[a-z0-9_]{1,64}$`)

func parseField(text string) (string, error) {
	if slices.Contains(outreach.LeadFields(), text) || customField.MatchString(text) {
		return text, nil
	}
	if near := strictyaml.Nearest(text, outreach.LeadFields()); near != "" {
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
