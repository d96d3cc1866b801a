package sessionstoretest_test

import (
	"path/filepath"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/filestore"
	"github.com/cometchat-go/cometchat/sessionstoretest"
)

// A store in a directory: each subtest gets a new directory, and each handle is another Store for that directory.
func ExampleRun() {
	_ = func(t *testing.T) { //nolint:thelper // it stands for func TestMyStore(t *testing.T)
		sessionstoretest.Run(t, func(t *testing.T) func() cometchat.SessionStore {
			dir := filepath.Join(t.TempDir(), "sessions")
			return func() cometchat.SessionStore {
				store, err := filestore.New(dir) // your store
				if err != nil {
					t.Fatal(err)
				}
				return store
			}
		})
	}
	// Output:
}
