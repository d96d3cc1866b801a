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
		name, content string // no file when it is empty
		ada           bool   // is done
	}{
		{"there is none yet", "", false},
		{"just begun", header, false},
		{"begun, and no further than half of its first line", header[:20], false},
		{"somebody is done", header + line(ada), true},
		{"half a line at the end", header + line(ada) + line(bob)[:18], true},
		{"somebody whose line ends too early", header + line(ada)[:len(line(ada))-1], false},
		{"damaged in the middle", header + "\x00\x00\x00\n" + line(ada), true},
		{"ada as she was in the file before", header + line(row{uid: "ada", name: "Augusta"}), false},
		{"ada as she was, and as she is", header + line(row{uid: "ada", name: "Augusta"}) + line(ada), true},
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
			assert.True(t, s.has(bob), "what is added is there after whatever was")
			require.NoError(t, s.close())
		})
	}

	for _, tc := range []struct{ name, content, wants string }{
		{"a file of something else", "uid,name\nada,Ada\n", "is something else"},
		{"something else without a line", "no end", "is something else"},
		{"of another app", stateHeader + "another in eu\n" + line(ada), "is about another app, another in eu"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state")
			require.NoError(t, os.WriteFile(path, []byte(tc.content), 0o600))
			_, err := openState(path, "the app")
			require.ErrorContains(t, err, tc.wants)
			content, err := os.ReadFile(path) //nolint:gosec // in the test's own folder
			require.NoError(t, err)
			assert.Equal(t, tc.content, string(content), "it is left as it is")
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
	assert.Equal(t, ada.fingerprint(), moved.fingerprint(), "where the line stands is no change")
	assert.NotEqual(t, ada.fingerprint(), edited.fingerprint())
}
