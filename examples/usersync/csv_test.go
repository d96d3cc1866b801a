package main

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadRows(t *testing.T) {
	ada := row{line: 2, uid: "ada", name: "Ada"}
	for _, tc := range []struct {
		name, file string
		rows       []row
		bad        []string
	}{
		{"the required columns alone", "uid,name\nada,Ada\n", []row{ada}, nil},
		{"a last line without an end", "uid,name\nada,Ada", []row{ada}, nil},
		{"line ends of Windows", "uid,name\r\nada,Ada\r\n", []row{ada}, nil},
		{"a byte order mark", "\uFEFFuid,name\nada,Ada\n", []row{ada}, nil},
		{"another order, spaces and upper case", " Name , UID\n  Ada , ADA \n", []row{ada}, nil},
		{"all columns", "uid,name,avatar,link,role,tags\nada,Ada,https://a,https://b,Moderator, x ;;y\n",
			[]row{{2, "ada", "Ada", "https://a", "https://b", "moderator", []string{"x", "y"}}}, nil},
		{"quoted fields", "uid,name\nada,\"Ada, \"\"Countess\"\"\nof Lovelace\"\nbob,Bob\n",
			[]row{{line: 2, uid: "ada", name: "Ada, \"Countess\"\nof Lovelace"}, {line: 4, uid: "bob", name: "Bob"}}, nil},
		{"empty lines", "uid,name\n\n,\n \nada,Ada\n", []row{{line: 5, uid: "ada", name: "Ada"}},
			[]string{"line 4: the line has 1 fields, but the first line has 2"}},
		{"a header alone", "uid,name\n", nil, nil},

		{"too many and too few fields", "uid,name\nada,Ada\nbob,Bob,\ncyd\ndee,Dee\n",
			[]row{ada, {line: 5, uid: "dee", name: "Dee"}}, []string{
				"line 3: the line has 3 fields, but the first line has 2", "line 4: the line has 1 fields, but the first line has 2",
			}},
		{"no uid, no name", "uid,name\n,Ada\nbob,\n", nil, []string{"line 2: the uid is missing", `line 3 ("bob"): the name is missing`}},
		{"a uid twice", "uid,name\nada,Ada\nAda,Another\n", []row{ada},
			[]string{`line 3 ("ada"): line 2 has the same uid`}},
		{"a stray quotation mark", "uid,name\nbob,B\"ob\nada,Ada\n", []row{{line: 3, uid: "ada", name: "Ada"}},
			[]string{"line 2: column 6: bare \" in non-quoted-field"}},
		{"a quotation mark that does not close", "uid,name\nada,Ada\nbob,\"Bob\ncyd,Cyd\n", []row{ada},
			[]string{"line 3: a quotation mark opens here and does not close before line 4: the lines up to there are left out"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rows, bad, err := readRows(strings.NewReader(tc.file))
			require.NoError(t, err)
			assert.Equal(t, tc.rows, rows)
			var texts []string
			for _, f := range bad {
				texts = append(texts, f.String())
			}
			assert.Equal(t, tc.bad, texts)
		})
	}
}

func TestReadRowsRefusesTheFile(t *testing.T) {
	for _, tc := range []struct{ name, file, wants string }{
		{"empty", "", "the file is empty"},
		{"only a byte order mark", "\uFEFF", "the file is empty"},
		{"unknown columns", "uid,name,e-mail,Age\n", `unknown columns: "e-mail", "Age"; the columns of a file are uid, name`},
		{"semicolons", "uid;name\nada;Ada\n", `unknown columns: "uid;name"; the columns of a file are uid, name, avatar, link, role, tags, separated by commas`},
		{"no header", "ada,Ada\n", `unknown columns: "ada", "Ada"`},
		{"no uid", "name\nAda\n", "the column uid is missing"},
		{"no name", "uid\nada\n", "the column name is missing"},
		{"a column twice", "uid,name,UID\n", "the first line names the column uid twice"},
		{"an unreadable first line", "uid,\"name\n", "parse error on line 1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, _, err := readRows(strings.NewReader(tc.file))
			assert.ErrorContains(t, err, tc.wants)
		})
	}
	t.Run("a disk that fails", func(t *testing.T) {
		failing := errors.New("bad sector")
		_, _, err := readRows(iotest.ErrReader(failing))
		assert.ErrorIs(t, err, failing)
	})
}
