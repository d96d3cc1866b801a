package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/cometchat-go/cometchat"
)

// columns are the columns that a file may have.
var columns = []string{"uid", "name", "avatar", "link", "role", "tags"}

// row is a user in the file.
type row struct {
	line                          int
	uid, name, avatar, link, role string
	tags                          []string
}

func (r row) user() *cometchat.User {
	return &cometchat.User{UID: r.uid, Name: r.name, Avatar: r.avatar, Link: r.link, Role: r.role, Tags: r.tags}
}

// fingerprint returns a hash of the user's fields: it changes when the user changes in the file.
func (r row) fingerprint() string {
	fields := append([]string{r.uid, r.name, r.avatar, r.link, r.role}, r.tags...)
	sum := sha256.Sum256([]byte(strings.Join(fields, "\x00")))
	return hex.EncodeToString(sum[:fingerprintLength/2])
}

const fingerprintLength = 16

// failure is a line of a file that was not imported, about the user or the group id. The id is empty if the line is unreadable.
type failure struct {
	line int
	id   string
	err  error
}

func (f failure) String() string {
	if f.id == "" {
		return fmt.Sprintf("line %d: %v", f.line, f.err)
	}
	return fmt.Sprintf("line %d (%q): %v", f.line, f.id, f.err)
}

// openTable hands the file at path to read.
func openTable(path string, read func(io.Reader) error) error {
	file, err := os.Open(path) //nolint:gosec // the user names the file
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // nothing was written
	if err := read(file); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func openRows(path string) (rows []row, bad []failure, err error) {
	err = openTable(path, func(r io.Reader) (err error) {
		rows, bad, err = readRows(r)
		return err
	})
	return rows, bad, err
}

// readRows reads the whole file before the first request, and returns its users and its unusable lines. It fails if it
// cannot read the file or the first line.
func readRows(r io.Reader) (rows []row, bad []failure, err error) {
	seen := map[string]int{} // the line of each uid
	bad, err = readTable(r, columns, 2, func(line int, names, fields []string) (string, error) {
		row := newRow(line, names, fields)
		if err := row.check(seen); err != nil {
			return row.uid, err
		}
		seen[row.uid] = line
		rows = append(rows, row)
		return row.uid, nil
	})
	return rows, bad, err
}

// readTable calls use for each line of a file after the first line, which names some of the columns, and at least the first required
// columns. use returns the id that the line is about, and why the line is unusable.
func readTable(r io.Reader, columns []string, required int, use func(line int, names, fields []string) (id string, err error),
) (bad []failure, err error) {
	lines := csv.NewReader(withoutBOM(r))
	lines.TrimLeadingSpace = true
	names, err := lines.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty; its first line must name the columns")
	}
	if err != nil {
		return nil, err
	}
	if err := checkColumns(names, columns, required); err != nil {
		return nil, err
	}
	for {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return bad, nil
		}
		if problem, ok := errors.AsType[*csv.ParseError](err); ok {
			bad = append(bad, failure{problem.StartLine, "", lineProblem(problem, len(fields), len(names))})
			continue
		}
		if err != nil {
			return nil, err
		}
		if strings.Join(fields, "") == "" {
			continue // spreadsheets write such lines
		}
		line, _ := lines.FieldPos(0)
		if id, err := use(line, names, fields); err != nil {
			bad = append(bad, failure{line, id, err})
		}
	}
}

// withoutBOM skips the byte order mark that spreadsheets write at the beginning of a file.
func withoutBOM(r io.Reader) io.Reader {
	const mark = "\uFEFF"
	b := bufio.NewReader(r)
	if start, err := b.Peek(len(mark)); err == nil && string(start) == mark {
		_, _ = b.Discard(len(mark))
	}
	return b
}

// checkColumns trims the names of the columns in place, turns them into lower case, and checks them.
func checkColumns(names, columns []string, required int) error {
	var unknown []string
	for i, name := range names {
		names[i] = strings.ToLower(strings.TrimSpace(name))
		switch {
		case !slices.Contains(columns, names[i]):
			unknown = append(unknown, fmt.Sprintf("%q", name))
		case slices.Contains(names[:i], names[i]):
			return fmt.Errorf("the first line names the column %s twice", names[i])
		}
	}
	if len(unknown) > 0 {
		return fmt.Errorf("unknown columns: %s; the columns of a file are %s, separated by commas",
			strings.Join(unknown, ", "), strings.Join(columns, ", "))
	}
	for _, name := range columns[:required] {
		if !slices.Contains(names, name) {
			return fmt.Errorf("the column %s is missing", name)
		}
	}
	return nil
}

// lineProblem turns an error of the CSV reader into words for the author of the file.
func lineProblem(problem *csv.ParseError, fields, wanted int) error {
	switch {
	case errors.Is(problem, csv.ErrFieldCount):
		return fmt.Errorf("the line has %d fields, but the first line has %d", fields, wanted)
	case problem.Line > problem.StartLine:
		return fmt.Errorf("a quotation mark opens here and does not close before line %d: the lines up to there are left out",
			problem.Line)
	}
	return fmt.Errorf("column %d: %w", problem.Column, problem.Err)
}

// newRow makes a row from the fields of a line. It turns uid and role into lower case, like CometChat, so that they compare
// equal.
func newRow(line int, names, fields []string) row {
	r := row{line: line}
	for i, name := range names {
		value := strings.TrimSpace(fields[i])
		switch name {
		case "uid":
			r.uid = strings.ToLower(value)
		case "name":
			r.name = value
		case "avatar":
			r.avatar = value
		case "link":
			r.link = value
		case "role":
			r.role = strings.ToLower(value)
		case "tags":
			r.tags = splitTags(value)
		}
	}
	return r
}

func splitTags(value string) []string {
	var tags []string
	for tag := range strings.SplitSeq(value, ";") {
		if tag = strings.TrimSpace(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	return tags
}

// check refuses a row without a uid or a name, and a uid that an earlier line has. CometChat checks the rest.
func (r row) check(seen map[string]int) error {
	switch line, twice := seen[r.uid]; {
	case r.uid == "":
		return errors.New("the uid is missing")
	case twice:
		return fmt.Errorf("line %d has the same uid", line)
	case r.name == "":
		return errors.New("the name is missing")
	}
	return nil
}
