package outreach

import "time"

// WebhookID is a delivery: one event of one webhook step, however often it is
// tried.
type WebhookID int64

// WebhookState is the state of a delivery.
type WebhookState string

// The states. Of one lead only the oldest that is planned or claimed is tried, so
// the receiver hears of a lead in order.
const (
	WebhookPlanned   WebhookState = "planned"   // tried at its time
	WebhookClaimed   WebhookState = "claimed"   // a process is trying
	WebhookAccepted  WebhookState = "accepted"  // the receiver took it, and its callback is awaited
	WebhookCompleted WebhookState = "completed" // taken, and called back if that was awaited
	WebhookFailed    WebhookState = "failed"    // given up; its enrolment is held until a person decides
	WebhookSkipped   WebhookState = "skipped"   // a person, or the end of the wait for a callback, went on without it
	WebhookCancelled WebhookState = "cancelled" // the lead was stopped before it was taken
)

// WebhookStates lists all states in the order in which reports show them.
func WebhookStates() []WebhookState {
	return []WebhookState{WebhookPlanned, WebhookClaimed, WebhookAccepted, WebhookCompleted, WebhookFailed, WebhookSkipped, WebhookCancelled}
}

// WebhookEvent is what a webhook step tells another service, as it is stored when
// the step is due: every attempt says the same.
type WebhookEvent struct {
	EventID     string // the same on every attempt: the receiver tells repetitions by it
	LeadID      LeadID
	EnrolmentID EnrolmentID
	SequenceID  SequenceID
	RevisionID  RevisionID
	StepID      StepID
	StepIndex   int
	// Body is rendered for the lead. ${NAME} in it is still a name: the environment's
	// values are put in when a request is made, and never stored. What comes from the
	// lead cannot look like one.
	Body []byte
}

// WebhookClaim is a delivery that this process may try now.
type WebhookClaim struct {
	ID WebhookID
	WebhookEvent
	Lead      Lead      // as it is now
	Enrolment Enrolment // at the step of the event, for what comes next
	Attempts  int       // before this one
	Fence     int64
}

// WebhookTarget is a step of a sequence: whom it tells is the same for all leads.
type WebhookTarget struct {
	SequenceID SequenceID
	StepID     StepID
}

// WebhookQuery asks for deliveries to try.
type WebhookQuery struct {
	Process string
	Now     time.Time // sales time
	Limit   int
	Busy    []WebhookTarget // those of which enough are under way
}

// WebhookRequest is one request as it goes over the wire.
type WebhookRequest struct {
	Method  string
	URL     string
	Headers map[string]string
	Body    []byte
	Timeout time.Duration // 0, and all beyond: 10 s
	Expect  []int         // the statuses that mean "taken"; empty: 200-299
}

// WebhookAnswer is what became of one request.
type WebhookAnswer struct {
	Status     int           // HTTP status; 0: no answer came
	Error      string        // why none came, without the URL; empty with a status
	Refused    bool          // we would not make the request: trying again does not help
	RetryAfter time.Duration // what the receiver asks for; 0: nothing
	Took       time.Duration // machine time
}

// WebhookSettlement is the outcome of one attempt.
type WebhookSettlement struct {
	ID      WebhookID
	Fence   int64
	Process string
	At      time.Time    // sales time
	State   WebhookState // planned (again), accepted, completed or failed
	Answer  WebhookAnswer
	RetryAt *time.Time // planned
	// Next is where the enrolment goes on: with completed behind the step, with
	// accepted at the step again when the callback has not come by then.
	Next *Progress
	Note string // a sentence for people
}

// WebhookView is a delivery as people see it.
type WebhookView struct {
	ID         WebhookID
	EventID    string
	LeadID     LeadID
	LeadName   string
	SequenceID SequenceID
	StepID     StepID
	State      WebhookState
	Attempts   int
	LastStatus int
	LastError  string
	DueAt      *time.Time // of the next attempt, or the end of the wait for a callback
	CreatedAt  time.Time
	SettledAt  *time.Time
}

// MovedAt is when the delivery last changed, as far as sales time knows.
func (v WebhookView) MovedAt() time.Time {
	if v.SettledAt != nil {
		return *v.SettledAt
	}
	return v.CreatedAt
}

// WebhookFilter chooses deliveries. Zero fields choose all.
type WebhookFilter struct {
	State  WebhookState
	LeadID LeadID
	Limit  int
}

// HookStop is another program's word that a lead is to be left alone.
type HookStop struct {
	RequestID string        // a repetition is known by it
	KeepFor   time.Duration // how long it is kept: no repetition is believed for longer
	Email     string
	Reason    StopReason
	Company   string // its other leads are stopped too; empty: none
	Stage     Stage  // where a lead moves that had not come so far; empty: it stays
	Detail    string
	At        time.Time // sales time
}

// HookStopped is what became of it.
type HookStopped struct {
	Leads    int  // that were stopped by it; 0: the address is no lead's, or was stopped before
	Repeated bool // the request had been acted on before
}
