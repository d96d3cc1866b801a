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

// columns are those that a file may have.
var columns = []string{"uid", "name", "avatar", "link", "role", "tags"}

// row is a user as the file has it.
type row struct {
	line                          int
	uid, name, avatar, link, role string
	tags                          []string
}

func (r row) user() *cometchat.User {
	return &cometchat.User{UID: r.uid, Name: r.name, Avatar: r.avatar, Link: r.link, Role: r.role, Tags: r.tags}
}

// fingerprint is another one as soon as anything about the user changes in the file.
func (r row) fingerprint() string {
	fields := append([]string{r.uid, r.name, r.avatar, r.link, r.role}, r.tags...)
	sum := sha256.Sum256([]byte(strings.Join(fields, "\x00")))
	return hex.EncodeToString(sum[:fingerprintLength/2])
}

const fingerprintLength = 16

// failure is a line of the file that came to nothing. The uid is empty when the line could not be read.
type failure struct {
	line int
	uid  string
	err  error
}

func (f failure) String() string {
	if f.uid == "" {
		return fmt.Sprintf("line %d: %v", f.line, f.err)
	}
	return fmt.Sprintf("line %d (%q): %v", f.line, f.uid, f.err)
}

func openRows(path string) (rows []row, bad []failure, err error) {
	file, err := os.Open(path) //nolint:gosec // the user says which file
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	rows, bad, err = readRows(file)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return rows, bad, nil
}

// readRows reads a whole file, so that everything that is wrong with it can be said before the first request. It fails
// when the file or its first line is of no use; another line that cannot be used is among the bad ones.
func readRows(r io.Reader) (rows []row, bad []failure, err error) {
	lines := csv.NewReader(withoutBOM(r))
	lines.TrimLeadingSpace = true
	names, err := lines.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil, errors.New("the file is empty; its first line has to name the columns")
	}
	if err != nil {
		return nil, nil, err
	}
	if err := checkColumns(names); err != nil {
		return nil, nil, err
	}
	seen := map[string]int{} // the line of a uid
	for {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return rows, bad, nil
		}
		if problem, ok := errors.AsType[*csv.ParseError](err); ok {
			bad = append(bad, failure{problem.StartLine, "", lineProblem(problem, len(fields), len(names))})
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		if strings.Join(fields, "") == "" {
			continue // spreadsheets leave such lines behind
		}
		line, _ := lines.FieldPos(0)
		row := newRow(line, names, fields)
		if err := row.check(seen); err != nil {
			bad = append(bad, failure{line, row.uid, err})
			continue
		}
		seen[row.uid] = line
		rows = append(rows, row)
	}
}

// withoutBOM skips the mark that spreadsheets put at the beginning of UTF-8.
func withoutBOM(r io.Reader) io.Reader {
	const mark = "\uFEFF"
	b := bufio.NewReader(r)
	if start, err := b.Peek(len(mark)); err == nil && string(start) == mark {
		_, _ = b.Discard(len(mark))
	}
	return b
}

// checkColumns tidies up the names of the columns in place and checks them.
func checkColumns(names []string) error {
	var unknown []string
	for i, name := range names {
		names[i] = strings.ToLower(strings.TrimSpace(name))
		switch {
		case !slices.Contains(columns, names[i]):
			unknown = append(unknown, fmt.Sprintf("%q", name))
		case slices.Contains(names[:i], names[i]):
			return fmt.Errorf("the column %s is there twice", names[i])
		}
	}
	if len(unknown) > 0 {
		return fmt.Errorf("unknown columns: %s; a file has %s, separated by commas",
			strings.Join(unknown, ", "), strings.Join(columns, ", "))
	}
	for _, name := range columns[:2] {
		if !slices.Contains(names, name) {
			return fmt.Errorf("the column %s is missing", name)
		}
	}
	return nil
}

// lineProblem says what is wrong with a line in words for who wrote it.
func lineProblem(problem *csv.ParseError, fields, wanted int) error {
	switch {
	case errors.Is(problem, csv.ErrFieldCount):
		return fmt.Errorf("it has %d fields and not %d as the first line", fields, wanted)
	case problem.Line > problem.StartLine:
		return fmt.Errorf("a quotation mark opens here, and does not close as it should up to line %d: "+
			"all these lines are left out", problem.Line)
	}
	return fmt.Errorf("column %d: %w", problem.Column, problem.Err)
}

// newRow makes a row of the fields of a line. CometChat writes uids and roles in lower case, and so does the row: for the
// same user to be seen as the same.
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

// check refuses what no request has to be made for. What else a uid or a role may be is CometChat's to say.
func (r row) check(seen map[string]int) error {
	switch line, twice := seen[r.uid]; {
	case r.uid == "":
		return errors.New("it has no uid")
	case twice:
		return fmt.Errorf("the uid is on line %d already", line)
	case r.name == "":
		return errors.New("it has no name")
	}
	return nil
}
