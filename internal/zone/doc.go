// Package zone finds a lead's time zone from what a list tells about the lead: the
// zone itself, a region, a country. It decides nothing about when mail goes; that
// is package schedule, to which Zone.Locations are handed.
package zone

//go:generate go run generate.go -tzdir /usr/share/zoneinfo -out countries.txt
