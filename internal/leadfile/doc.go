// Package leadfile reads the CSV files in which teams keep their leads: UTF-8
// or Windows-1252, comma, semicolon or tab, as spreadsheets write them. It
// decides what a row says and whether a row can be a lead at all; a row that
// cannot is refused with its line and a reason, and the reading goes on. It
// leaves to others what only the database knows: duplicates, suppressions,
// leads that are there already. Memory is flat: one row at a time.
package leadfile
