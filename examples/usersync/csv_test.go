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
		{"only what has to be there", "uid,name\nada,Ada\n", []row{ada}, nil},
		{"no end of the last line", "uid,name\nada,Ada", []row{ada}, nil},
		{"lines of Windows", "uid,name\r\nada,Ada\r\n", []row{ada}, nil},
		{"a byte order mark", "\uFEFFuid,name\nada,Ada\n", []row{ada}, nil},
		{"another order, space and letters", " Name , UID\n  Ada , ADA \n", []row{ada}, nil},
		{"all columns", "uid,name,avatar,link,role,tags\nada,Ada,https://a,https://b,Moderator, x ;;y\n",
			[]row{{2, "ada", "Ada", "https://a", "https://b", "moderator", []string{"x", "y"}}}, nil},
		{"quoted fields", "uid,name\nada,\"Ada, \"\"Countess\"\"\nof Lovelace\"\nbob,Bob\n",
			[]row{{line: 2, uid: "ada", name: "Ada, \"Countess\"\nof Lovelace"}, {line: 4, uid: "bob", name: "Bob"}}, nil},
		{"empty lines count", "uid,name\n\n,\n \nada,Ada\n", []row{{line: 5, uid: "ada", name: "Ada"}},
			[]string{"line 4: it has 1 fields and not 2 as the first line"}},
		{"nobody", "uid,name\n", nil, nil},

		{"too many and too few fields", "uid,name\nada,Ada\nbob,Bob,\ncyd\ndee,Dee\n",
			[]row{ada, {line: 5, uid: "dee", name: "Dee"}}, []string{
				"line 3: it has 3 fields and not 2 as the first line", "line 4: it has 1 fields and not 2 as the first line",
			}},
		{"no uid, no name", "uid,name\n,Ada\nbob,\n", nil, []string{"line 2: it has no uid", `line 3 ("bob"): it has no name`}},
		{"a uid that is there twice", "uid,name\nada,Ada\nAda,Another\n", []row{ada},
			[]string{`line 3 ("ada"): the uid is on line 2 already`}},
		{"a stray quotation mark", "uid,name\nbob,B\"ob\nada,Ada\n", []row{{line: 3, uid: "ada", name: "Ada"}},
			[]string{"line 2: column 6: bare \" in non-quoted-field"}},
		{"a quotation mark that does not close", "uid,name\nada,Ada\nbob,\"Bob\ncyd,Cyd\n", []row{ada},
			[]string{"line 3: a quotation mark opens here, and does not close as it should up to line 4: all these lines are left out"}},
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
		{"unknown columns", "uid,name,e-mail,Age\n", `unknown columns: "e-mail", "Age"; a file has uid, name`},
		{"semicolons", "uid;name\nada;Ada\n", `unknown columns: "uid;name"; a file has uid, name, avatar, link, role, tags, separated by commas`},
		{"no header", "ada,Ada\n", `unknown columns: "ada", "Ada"`},
		{"no uid", "name\nAda\n", "the column uid is missing"},
		{"no name", "uid\nada\n", "the column name is missing"},
		{"a column twice", "uid,name,UID\n", "the column uid is there twice"},
		{"a first line that cannot be read", "uid,\"name\n", "parse error on line 1"},
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
