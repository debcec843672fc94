package outreach

// Tally is what a database holds at the end of a run, counted.
type Tally struct {
	Enrolled   int
	Replies    map[Label]int
	Stages     map[Stage]int
	Failed     int // step mails that were given up
	Unknown    int // rows that ever were in doubt
	Drafts     int
	Candidates int
	Suppressed int
	Digests    int
	Alerts     int
}

// LedgerRow is one row of the ledger as a comparison with a server's log needs it.
type LedgerRow struct {
	RFCMessageID string
	Purpose      Purpose
	State        SendState
}

// InFlight is what is not at rest at a moment.
type InFlight struct {
	UnderWay int // begun and not done
	Due      int // mailboxes with work that may begin now and has not
}
