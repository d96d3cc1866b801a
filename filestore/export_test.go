package filestore

import "os"

// Watch has the store call these functions before it opens a file to write and before it syncs a file or directory. An error
// of beforeSync is that of the sync.
func (s *Store) Watch(beforeOpen func(name string), beforeSync func(name string) error) {
	s.disk = disk{
		open: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			beforeOpen(name)
			return os.OpenFile(name, flag, mode) //nolint:gosec // the directory is the test's
		},
		sync: func(f *os.File) error {
			if err := beforeSync(f.Name()); err != nil {
				return err
			}
			return f.Sync()
		},
	}
}
