// Package schedule is the arithmetic of sales time: business-hour windows in a
// lead's zone, waits between steps, gaps between two mails of a mailbox, daily
// caps and their ramp. It reads no clock and knows no state: times come in, times
// go out. What may go now, given what has already gone, is package policy's.
package schedule
