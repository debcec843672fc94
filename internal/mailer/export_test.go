package mailer

// Tidy is tidy, for its fuzz test.
func Tidy(text string) (enhanced, line string) { return tidy(text) }
