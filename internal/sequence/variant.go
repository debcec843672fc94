package sequence

import (
	"crypto/sha256"
	"encoding/binary"

	"drumbeat/internal/strictyaml"
)

// Variant is one of several ways to write a mail, to be compared. What it leaves
// out is the email's own.
type Variant struct {
	ID       string `json:"id"`
	Subject  string `json:"subject,omitempty"`  // Liquid
	Template string `json:"template,omitempty"` // path below the templates
	Weight   int    `json:"weight"`             // its share, in relation to the others'; 0: given to nobody any more
}

// maxVariants bounds a comparison: more need more mails than a sequence sends.
const maxVariants = 5

func variantSchema() *strictyaml.Type {
	return strictyaml.Map("One way to write the mail.",
		strictyaml.Required("id", strictyaml.ID("The variant's stable name.", "a")),
		strictyaml.Optional("subject", liquid("Its subject.")),
		strictyaml.Optional("template", templatePath("Its template, in place of the email's.")),
		strictyaml.Optional("weight", strictyaml.Int("Its share; by default all have the same.", 0, 1000)),
	)
}

func readVariants(doc *strictyaml.Document, list *strictyaml.Value) []Variant {
	var variants []Variant
	lines, total, weighted := map[string]int{}, 0, 0
	for _, v := range list.Items() {
		variant := Variant{ID: v.Get("id").Text(), Subject: v.Get("subject").Text(), Template: v.Get("template").Text(), Weight: v.Get("weight").IntOr(1)}
		checkLine(doc, v.Get("subject"))
		if line, taken := lines[variant.ID]; taken && variant.ID != "" {
			doc.Report(v.Get("id"), CodeDuplicateVariant, "give it an id of its own", "the variant on line %d is called %q already", line, variant.ID)
		}
		lines[variant.ID] = v.Line()
		if v.Key("subject") == nil && v.Key("template") == nil {
			doc.Report(v, CodeVariantSame, "add subject: or template:", "the variant changes nothing")
		}
		if v.Key("weight") != nil {
			weighted++
		}
		total += variant.Weight
		variants = append(variants, variant)
	}
	switch n := len(list.Items()); {
	case !list.Present():
	case n < 2 || n > maxVariants:
		doc.Report(list, CodeVariantCount, "write at least two, at most five", "%d of two to five variants are given", n)
	case weighted > 0 && weighted < n:
		doc.Report(list, CodeVariantWeights, "give every variant a weight, or none", "%d of %d variants have a weight", weighted, n)
	case total == 0:
		doc.Report(list, CodeVariantWeights, "give one of them a weight above 0", "no variant is given to anybody")
	}
	return variants
}

// Variant is the one that a lead gets. The key is lead, step and revision: the
// same in a simulation, a retry and the real run. False: there is nothing to
// choose.
func (e Email) Variant(key string) (Variant, bool) {
	total := 0
	for _, v := range e.Variants {
		total += v.Weight
	}
	if total == 0 {
		return Variant{}, false
	}
	sum := sha256.Sum256([]byte("variant:" + key))
	place := int(binary.BigEndian.Uint64(sum[:8]) % uint64(total))
	for _, v := range e.Variants {
		if place < v.Weight {
			return v, true
		}
		place -= v.Weight
	}
	return Variant{}, false // the weights sum up to total
}
