package zone_test

import (
	"testing"

	"drumbeat/internal/schedule"
	"drumbeat/internal/zone"
)

func BenchmarkResolve(b *testing.B) {
	for name, place := range map[string]zone.Place{
		"own": {Timezone: "Europe/Berlin"}, "country": {Country: "DE"}, "common hours": {Country: "US"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				zone.Resolve(place, "", "Europe/Berlin", schedule.DefaultWindow(), monday)
			}
		})
	}
}

func BenchmarkLocations(b *testing.B) {
	for _, name := range []string{"Europe/Berlin", "country:US"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := zone.Locations(name); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
