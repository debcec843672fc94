package outreach

import "time"

// ImportBatch is what all leads of one import share.
type ImportBatch struct {
	List string    // the list they come to; made when it is not there
	At   time.Time // sales time
}

// NumberedLead is a lead with its line in the file it came from.
type NumberedLead struct {
	Line int
	Lead Lead
}

// LineRefusal says why the database refused a line.
type LineRefusal struct {
	Line   int
	Reason string // duplicate_in_file, suppressed
	Detail string
}

// ImportCounts is what became of the leads of an import. Unchanged leads were
// there already, with everything that the file knows.
type ImportCounts struct {
	Added     int
	Updated   int
	Unchanged int
	Refused   int
}
