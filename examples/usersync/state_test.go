package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestState(t *testing.T) {
	ada, bob := row{uid: "ada", name: "Ada"}, row{uid: "bob", name: "Bob"}
	line := func(r row) string { return r.fingerprint() + " " + r.uid + "\n" }
	const header = stateHeader + "the app\n"

	for _, tc := range []struct {
		name, content string // empty: no file
		ada           bool   // ada is imported
	}{
		{"no file", "", false},
		{"the header alone", header, false},
		{"half of the header", header[:20], false},
		{"a whole line", header + line(ada), true},
		{"half a line at the end", header + line(ada) + line(bob)[:18], true},
		{"a uid that is cut off", header + line(ada)[:len(line(ada))-1], false},
		{"damaged in the middle", header + "\x00\x00\x00\n" + line(ada), true},
		{"ada with another name", header + line(row{uid: "ada", name: "Augusta"}), false},
		{"ada with another name, then with this name", header + line(row{uid: "ada", name: "Augusta"}) + line(ada), true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state")
			if tc.content != "" {
				require.NoError(t, os.WriteFile(path, []byte(tc.content), 0o600))
			}
			s, err := openState(path, "the app")
			require.NoError(t, err)
			assert.Equal(t, tc.ada, s.has(ada))
			assert.False(t, s.has(bob))
			require.NoError(t, s.add(bob))
			assert.True(t, s.has(bob))
			require.NoError(t, s.close())

			s, err = openState(path, "the app")
			require.NoError(t, err)
			assert.Equal(t, tc.ada, s.has(ada))
			assert.True(t, s.has(bob), "the file holds the added user")
			require.NoError(t, s.close())
		})
	}

	for _, tc := range []struct{ name, content, wants string }{
		{"a file of another kind", "uid,name\nada,Ada\n", "is not a state file"},
		{"a text without a line", "no end", "is not a state file"},
		{"of another app", stateHeader + "another in eu\n" + line(ada), "belongs to another app, another in eu"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state")
			require.NoError(t, os.WriteFile(path, []byte(tc.content), 0o600))
			_, err := openState(path, "the app")
			require.ErrorContains(t, err, tc.wants)
			content, err := os.ReadFile(path) //nolint:gosec // the path is the test's own
			require.NoError(t, err)
			assert.Equal(t, tc.content, string(content), "the file is not changed")
		})
	}

	t.Run("a folder", func(t *testing.T) {
		_, err := openState(t.TempDir(), "the app")
		assert.Error(t, err)
	})
}

func TestFingerprint(t *testing.T) {
	ada := row{line: 2, uid: "ada", name: "Ada", tags: []string{"a", "b"}}
	moved, edited := ada, ada
	moved.line, edited.tags = 3, []string{"b", "a"}
	assert.Len(t, ada.fingerprint(), fingerprintLength)
	assert.Equal(t, ada.fingerprint(), moved.fingerprint(), "the number of the line does not count")
	assert.NotEqual(t, ada.fingerprint(), edited.fingerprint())
}
