package schedule

// The values write themselves as files spell them, so that a stored revision
// reads like the file it came from.

// MarshalText writes "mon-fri".
func (d Days) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what ParseDays reads.
func (d *Days) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDays(string(text))
	return err
}

// MarshalText writes "08:30".
func (t TimeOfDay) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what ParseTimeOfDay reads.
func (t *TimeOfDay) UnmarshalText(text []byte) (err error) {
	*t, err = ParseTimeOfDay(string(text))
	return err
}

// MarshalText writes "3 business days".
func (w Wait) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText reads what ParseWait reads.
func (w *Wait) UnmarshalText(text []byte) (err error) {
	*w, err = ParseWait(string(text))
	return err
}

// MarshalText writes "4m-11m".
func (g Gap) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText reads what ParseGap reads.
func (g *Gap) UnmarshalText(text []byte) (err error) {
	*g, err = ParseGap(string(text))
	return err
}
