package sequence

// The codes of faults in a sequence file, beside those of package strictyaml.
const (
	CodeBadWait           = "BAD_WAIT"
	CodeBadTime           = "BAD_TIME"
	CodeBadDays           = "BAD_DAYS"
	CodeBadZone           = "BAD_ZONE"
	CodeBadGap            = "BAD_GAP"
	CodeBadAddress        = "BAD_ADDRESS"
	CodeBadField          = "BAD_FIELD"
	CodeBadTemplatePath   = "BAD_TEMPLATE_PATH"
	CodeWindowEmpty       = "WINDOW_EMPTY"
	CodeGapBeyondWindow   = "GAP_BEYOND_WINDOW"
	CodeNoSteps           = "NO_STEPS"
	CodeNoEmail           = "NO_EMAIL"
	CodeStepWithoutAction = "STEP_WITHOUT_ACTION"
	CodeStepTwoActions    = "STEP_WITH_TWO_ACTIONS"
	CodeDuplicateStep     = "DUPLICATE_STEP"
	CodeMissingWait       = "MISSING_WAIT"
	CodeFirstStepReplies  = "FIRST_STEP_REPLIES"
	CodeSubjectInReply    = "SUBJECT_IN_REPLY"
	CodeNotAnAbsence      = "NOT_AN_ABSENCE"
	CodeNoAnswer          = "NO_ANSWER_ALLOWED"

	CodeDuplicateSequence = "DUPLICATE_SEQUENCE"
	CodeUnknownRep        = "UNKNOWN_REP"
	CodeUnknownMailbox    = "UNKNOWN_MAILBOX"
	CodeNoMailbox         = "NO_MAILBOX"
	CodeUnknownTemplate   = "UNKNOWN_TEMPLATE"
)
