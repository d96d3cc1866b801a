package main

import (
	"errors"
	"io/fs"
	"os"
)

// replaceFile gives a file this content. It writes a new file and renames it, so that a reader, also one after a crash, finds
// the old or the new content, never a part. The caller holds a lock: two writers would use the same new file.
func replaceFile(file string, content []byte, mode fs.FileMode) error {
	fresh := file + ".new"
	// A process that was killed may have left one.
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) { //nolint:gosec // the user names the file
		return err
	}
	f, err := os.OpenFile(fresh, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode) //nolint:gosec // the user names the file
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync() // the system must not rename the file before it has the content
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(fresh, file) //nolint:gosec // the user names the file
	}
	if err != nil {
		return errors.Join(err, os.Remove(fresh)) //nolint:gosec // the user names the file
	}
	return nil
}
