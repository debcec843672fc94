package roster

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"regexp"
	"strings"

	"drumbeat/internal/address"
	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
	"drumbeat/internal/strictyaml"
	"drumbeat/internal/zone"
)

// The codes of faults in the roster, beside those of package strictyaml.
const (
	CodeBadAddress       = "BAD_ADDRESS"
	CodeBadZone          = "BAD_ZONE"
	CodeBadSecret        = "BAD_SECRET"
	CodeBadDigest        = "BAD_DIGEST"
	CodeBadAway          = "BAD_AWAY"
	CodeBadPath          = "BAD_PATH"
	CodeBadHost          = "BAD_HOST"
	CodeDuplicateMailbox = "DUPLICATE_MAILBOX"
	CodeDuplicateAddress = "DUPLICATE_ADDRESS"
	CodeDuplicateRep     = "DUPLICATE_REP"
	CodeUnknownRep       = "UNKNOWN_REP"
	CodeUnknownMailbox   = "UNKNOWN_MAILBOX"
	CodePlainPassword    = "PLAIN_CONNECTION"
	CodeHalfLogin        = "HALF_A_LOGIN"
	CodePasswordInFile   = "PASSWORD_IN_FILE"
	CodeRampBeyondCap    = "RAMP_BEYOND_CAP"
	CodeRampStandsStill  = "RAMP_STANDS_STILL"
	CodeNoMailboxes      = "NO_MAILBOXES"
)

// Schema describes mailboxes.yaml.
func Schema() *strictyaml.Type {
	return strictyaml.Map("From where a team sends and reads, and who its reps are.",
		strictyaml.Required("version", strictyaml.Int("The version of the file format.", 1, 1)),
		strictyaml.Required("mailboxes", strictyaml.List("The addresses to send from and to read.", mailboxSchema())),
		strictyaml.Required("reps", strictyaml.List("The people of the team.", repSchema())),
		strictyaml.Required("sender", strictyaml.Map("Who the mails are from; each mail says it.",
			strictyaml.Required("company", strictyaml.Text("The company's name.")),
			strictyaml.Required("postal_address", strictyaml.Text("Its postal address; the law of many countries wants it in each mail.")))),
		strictyaml.Optional("notify", strictyaml.Map("How reps are told.",
			strictyaml.Required("mailbox", strictyaml.ID("The mailbox from which digests and alerts leave.", "dana")))),
	)
}

func mailboxSchema() *strictyaml.Type {
	const port = 65535
	server := []strictyaml.Field{
		strictyaml.Required("host", strictyaml.Scalar("The server's name.", CodeBadHost, "smtp.ours.example", parseHost)),
		strictyaml.Required("port", strictyaml.Int("The port.", 1, port)),
		strictyaml.Optional("user", secret("The login.")),
		strictyaml.Optional("password", secret("The password; keep it in the environment.")),
		strictyaml.Required("tls", strictyaml.Choice("starttls, tls, or none (loopback only).", string(StartTLS), string(ImplicitTLS), string(NoTLS))),
	}
	folders := strictyaml.Optional("folders", strictyaml.List("The folders to read.", strictyaml.Text("A folder's name.")))
	return strictyaml.Map("One mailbox.",
		strictyaml.Required("id", strictyaml.ID("The mailbox's stable name.", "dana-2")),
		strictyaml.Required("address", mailAddress("The address that mails are from.")),
		strictyaml.Optional("name", strictyaml.Text("The name beside the address; by default the rep's.")),
		strictyaml.Optional("rep", strictyaml.ID("Whose mailbox it is; by default the rep of the same id.", "dana")),
		strictyaml.Optional("timezone", timezone("The mailbox's zone; by default the rep's.")),
		strictyaml.Required("smtp", strictyaml.Map("Where mails go out.", server...)),
		strictyaml.Optional("imap", strictyaml.Map("Where replies come in.", append(server[:len(server):len(server)], folders)...)),
		strictyaml.Optional("cap", strictyaml.Map("How many mails a day.",
			strictyaml.Optional("per_day", strictyaml.Int("The most mails of a day.", 1, 10_000)),
			strictyaml.Optional("ramp", strictyaml.Map("How a new mailbox is warmed up.",
				strictyaml.Required("start", strictyaml.Int("The mails of the first day.", 1, 10_000)),
				strictyaml.Required("add_per_day", strictyaml.Int("How many more each day.", 0, 1_000)))))),
		strictyaml.Optional("sent_copy", strictyaml.Choice("Whether sent mails are put into the Sent folder: auto files those that the server does not file by itself.", string(SentCopyAuto), string(SentCopyAppend), string(SentCopyNone))),
		strictyaml.Optional("signature", strictyaml.Scalar("A file below the sequences.", CodeBadPath, "signatures/dana.md", parsePath)),
	)
}

func repSchema() *strictyaml.Type {
	return strictyaml.Map("One person of the team.",
		strictyaml.Required("id", strictyaml.ID("The rep's stable name.", "dana")),
		strictyaml.Required("name", strictyaml.Text("The rep's name.")),
		strictyaml.Required("email", mailAddress("Where digests and alerts go.")),
		strictyaml.Required("timezone", timezone("The rep's zone.")),
		strictyaml.Optional("digest", strictyaml.Scalar("When the mail of the day comes.", CodeBadDigest, `"08:00 mon-fri"`, parseDigest)),
		strictyaml.Optional("away", strictyaml.List("The days on which the rep is away.",
			strictyaml.Scalar("A day, or the first and the last of several.", CodeBadAway, "2031-03-10 to 2031-03-14", parseLeave))),
		strictyaml.Optional("cover", strictyaml.ID("Who gets the rep's digests and alerts on those days.", "mary")),
	)
}

func mailAddress(doc string) *strictyaml.Type {
	return strictyaml.Scalar(doc, CodeBadAddress, "dana@ours.example", parseAddress)
}

func timezone(doc string) *strictyaml.Type {
	return strictyaml.Scalar(doc, CodeBadZone, "Europe/Berlin", zone.ParseName)
}

func secret(doc string) *strictyaml.Type {
	return strictyaml.Scalar(doc, CodeBadSecret, `"${DANA_PASSWORD}"`, parseSecret)
}

var hostPattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,252})$`)

func parseAddress(text string) (string, error) {
	if err := address.Check(text); err != nil {
		return "", fmt.Errorf("%q is not an address", text)
	}
	return text, nil
}

func parseHost(text string) (string, error) {
	if net.ParseIP(text) == nil && !hostPattern.MatchString(text) {
		return "", fmt.Errorf("%q is not a host", text)
	}
	return text, nil
}

func parsePath(text string) (string, error) {
	if !fs.ValidPath(text) || strings.Contains(text, `\`) {
		return "", fmt.Errorf("%q is not a path below the sequences", text)
	}
	return text, nil
}

// parseDigest reads "08:00 mon-fri"; without days it means every day.
func parseDigest(text string) (Digest, error) {
	clock, days, _ := strings.Cut(strings.TrimSpace(text), " ")
	at, err := schedule.ParseTimeOfDay(clock)
	if err != nil {
		return Digest{}, err
	}
	if at == schedule.EndOfDay {
		return Digest{}, errors.New("a day begins at 00:00")
	}
	if strings.TrimSpace(days) == "" {
		return Digest{At: at, Days: schedule.AllDays}, nil
	}
	set, err := schedule.ParseDays(days)
	return Digest{At: at, Days: set}, err
}

// parseLeave reads "2031-03-10", or "2031-03-10 to 2031-03-14" with both days in it.
func parseLeave(text string) (Leave, error) {
	first, last, several := strings.Cut(text, " to ")
	from, err := outreach.ParseDay(strings.TrimSpace(first))
	if err != nil {
		return Leave{}, fmt.Errorf("%q is not a day", strings.TrimSpace(first))
	}
	if !several {
		return Leave{From: from, To: from}, nil
	}
	to, err := outreach.ParseDay(strings.TrimSpace(last))
	if err != nil {
		return Leave{}, fmt.Errorf("%q is not a day", strings.TrimSpace(last))
	}
	if to.Before(from) {
		return Leave{}, fmt.Errorf("%s comes before %s", to, from)
	}
	return Leave{From: from, To: to}, nil
}
