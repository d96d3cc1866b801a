package sessionstoretest_test

import (
	"path/filepath"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/filestore"
	"github.com/cometchat-go/cometchat/sessionstoretest"
)

// The test of a store that lasts: each subtest has a directory of its own, and two handles on it are two stores.
func ExampleRun() {
	_ = func(t *testing.T) { //nolint:thelper // it is func TestMyStore(t *testing.T)
		sessionstoretest.Run(t, func(t *testing.T) func() cometchat.SessionStore {
			dir := filepath.Join(t.TempDir(), "sessions")
			return func() cometchat.SessionStore {
				store, err := filestore.New(dir) // yours
				if err != nil {
					t.Fatal(err)
				}
				return store
			}
		})
	}
	// Output:
}
