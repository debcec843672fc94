package outreach

// Reason says in one stable word why something was decided. Decisions are
// stored with their reason and shown by `drumbeat explain` and the lead's page.
type Reason string

// Why a mail does not go now.
const (
	ReasonNone              Reason = ""
	ReasonNotDue            Reason = "not_due"
	ReasonOutsideWindow     Reason = "outside_window"
	ReasonMailboxCap        Reason = "mailbox_cap"
	ReasonNewLeadCap        Reason = "new_lead_cap"
	ReasonDomainCap         Reason = "domain_cap"
	ReasonGap               Reason = "gap"
	ReasonServerUnreachable Reason = "server_unreachable"
	ReasonMailboxPaused     Reason = "mailbox_paused"
	ReasonSequencePaused    Reason = "sequence_paused"
	ReasonLeadStopped       Reason = "lead_stopped"
	ReasonLeadPaused        Reason = "lead_paused"
	ReasonSuppressed        Reason = "suppressed"
	ReasonInFlight          Reason = "other_mail_in_flight"
	ReasonInboxStale        Reason = "inbox_not_read"
	ReasonInDoubt           Reason = "mail_in_doubt"
	ReasonNeedsData         Reason = "needs_data"
	ReasonDeferred          Reason = "deferred_by_server"
	ReasonRecentlyObjected  Reason = "lost_recently"
	ReasonConditionFalse    Reason = "condition_false"
	ReasonAlreadyEnrolled   Reason = "already_enrolled"
	ReasonWebhook           Reason = "webhook"  // the receiver has not taken it yet
	ReasonCallback          Reason = "callback" // taken; the receiver calls back, or the wait ends
)
