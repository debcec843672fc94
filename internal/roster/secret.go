package roster

import (
	"fmt"
	"regexp"
	"strings"

	"drumbeat/internal/outreach"
)

// Secret is a text of the file that may refer to the environment: "${NAME}". It
// prints as written, so a log shows the name and never the value.
type Secret string

var (
	referencePattern = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)
	strayReference   = regexp.MustCompile(`\$\{`)
)

// Resolve puts the values in the place of their names. lookup is os.LookupEnv or
// what stands for it; a name that it does not know is an error.
func (s Secret) Resolve(lookup func(name string) (string, bool)) (string, error) {
	var missing []string
	resolved := referencePattern.ReplaceAllStringFunc(string(s), func(reference string) string {
		name := reference[2 : len(reference)-1]
		value, ok := lookup(name)
		if !ok {
			missing = append(missing, name)
		}
		return value
	})
	if len(missing) > 0 {
		return "", &outreach.Problem{
			Code:   "NO_SECRET",
			Detail: fmt.Sprintf("%s names %s, which is not set", FileName, strings.Join(missing, ", ")),
			Fix:    "Set it in the environment, or in a file named by " + missing[0] + "_FILE.",
		}
	}
	return resolved, nil
}

// Names lists the environment variables that the secret refers to.
func (s Secret) Names() []string {
	var names []string
	for _, match := range referencePattern.FindAllStringSubmatch(string(s), -1) {
		names = append(names, match[1])
	}
	return names
}

// parseSecret refuses a reference that would be taken for a password.
func parseSecret(text string) (Secret, error) {
	if len(strayReference.FindAllString(text, -1)) != len(referencePattern.FindAllString(text, -1)) {
		return "", fmt.Errorf("a reference to the environment is incomplete")
	}
	return Secret(text), nil
}
