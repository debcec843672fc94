// Package demo holds the fictional leads that the demo and its tests run on. It
// is data without logic: 200 people of 19 countries at domains that cannot exist
// (RFC 2606); nine have no name, and three no company, so that they end in "needs
// data".
package demo

import _ "embed"

// List is a lead file and the shipped sequence that it is enrolled in.
type List struct {
	Name     string
	Sequence string
	CSV      string
}

//go:embed leads/saas-founders.csv
var saasFounders string

//go:embed leads/agency-owners.csv
var agencyOwners string

// Lists gives the demo's lead files.
func Lists() []List {
	return []List{
		{Name: "founders", Sequence: "saas-founders", CSV: saasFounders},
		{Name: "agencies", Sequence: "agency-owners", CSV: agencyOwners},
	}
}
