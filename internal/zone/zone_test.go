package zone_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/schedule"
	"drumbeat/internal/zone"
)

var monday = time.Date(2031, 3, 3, 8, 0, 0, 0, time.UTC)

func TestALeadsZoneIsTheBestThatIsKnown(t *testing.T) {
	for name, test := range map[string]struct {
		place    zone.Place
		fallback string
		want     zone.Zone
	}{
		"its own zone":               {zone.Place{Timezone: "Pacific/Chatham", Country: "US"}, "", zone.Zone{"Pacific/Chatham", zone.FromLead}},
		"a zone that is none":        {zone.Place{Timezone: "Mars/Phobos", Country: "FR"}, "", zone.Zone{"Europe/Paris", zone.FromCountry}},
		"a state by its code":        {zone.Place{Region: "CA", Country: "US"}, "", zone.Zone{"America/Los_Angeles", zone.FromRegion}},
		"a state by its name":        {zone.Place{Region: " arizona", Country: "usa"}, "", zone.Zone{"America/Phoenix", zone.FromRegion}},
		"a state with its country":   {zone.Place{Region: "US-NY", Country: "United States"}, "", zone.Zone{"America/New_York", zone.FromRegion}},
		"an accent":                  {zone.Place{Region: "São Paulo", Country: "BR"}, "", zone.Zone{"America/Sao_Paulo", zone.FromRegion}},
		"the country's only zone":    {zone.Place{Country: "Germany"}, "", zone.Zone{"Europe/Berlin", zone.FromCountry}},
		"another name of a country":  {zone.Place{Country: "United Kingdom"}, "", zone.Zone{"Europe/London", zone.FromCountry}},
		"a country with many zones":  {zone.Place{Country: "US"}, "", zone.Zone{"country:US", zone.FromCountryHours}},
		"no hour in common":          {zone.Place{Country: "RU"}, "Europe/Berlin", zone.Zone{"Europe/Berlin", zone.FromFallback}},
		"nothing but the fallback":   {zone.Place{Country: "Atlantis"}, "Asia/Tokyo", zone.Zone{"Asia/Tokyo", zone.FromFallback}},
		"nothing but the mailbox":    {zone.Place{}, "", zone.Zone{"Europe/Madrid", zone.FromMailbox}},
		"Local names no place":       {zone.Place{Timezone: "Local"}, "", zone.Zone{"Europe/Madrid", zone.FromMailbox}},
		"a region of another nation": {zone.Place{Region: "California", Country: "FR"}, "", zone.Zone{"Europe/Paris", zone.FromCountry}},
	} {
		t.Run(name, func(t *testing.T) {
			got := zone.Resolve(test.place, test.fallback, "Europe/Madrid", schedule.DefaultWindow(), monday)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Resolve (-want +got):\n%s", diff)
			}
			if _, err := zone.Locations(got.Name); err != nil {
				t.Errorf("the stored name does not load: %v", err)
			}
		})
	}
}

func TestCommonHoursOfACountryAreOpenFromCoastToCoast(t *testing.T) {
	locations, err := zone.Locations("country:US")
	if err != nil {
		t.Fatal(err)
	}
	calendar := schedule.Calendar{Window: schedule.DefaultWindow(), Zones: locations}
	at, ok := calendar.Next(monday)
	if !ok {
		t.Fatal("no common hours")
	}
	for name, clock := range map[string]string{"Pacific/Honolulu": "09:00", "America/New_York": "14:00"} {
		location, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := at.In(location).Format("15:04"); got != clock {
			t.Errorf("%s shows %s, want %s", name, got, clock)
		}
	}
}

// Every name in the tables is a zone, so that none can surprise an enrolment.
func TestEveryZoneOfTheTablesLoads(t *testing.T) {
	for _, file := range []string{"countries.txt", "regions.txt"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, "#") {
				continue
			}
			columns := strings.Split(strings.TrimSpace(line), "\t")
			for _, name := range strings.Fields(columns[len(columns)-1]) {
				if _, err := zone.Locations(name); err != nil {
					t.Errorf("%s: %s: %v", file, columns[0], err)
				}
			}
			if _, ok := zone.Country(columns[0]); !ok {
				t.Errorf("%s: unknown country %s", file, columns[0])
			}
		}
	}
}
