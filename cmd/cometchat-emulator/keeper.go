package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cometchat-go/cometchat/cometchattest"
)

// keeper keeps the emulator's state in a file.
type keeper struct {
	emulator *cometchattest.Server
	file     string // "" keeps nothing
	saved    []byte // the content of the file, once save wrote it
}

// newKeeper loads the data file into the emulator or, if there is no such file yet, the seed.
func newKeeper(emulator *cometchattest.Server, seed, data string) (*keeper, error) {
	k := &keeper{emulator: emulator, file: data}
	if data != "" {
		raw, err := os.ReadFile(data) //nolint:gosec // the user names the file
		switch {
		case err == nil:
			if err := emulator.Load(bytes.NewReader(raw)); err != nil {
				return nil, fmt.Errorf("-data %s: %w", data, err)
			}
			return k, nil
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("-data: %w", err)
		}
	}
	if seed != "" {
		raw, err := os.ReadFile(seed) //nolint:gosec // the user names the file
		if err != nil {
			return nil, fmt.Errorf("-seed: %w", err)
		}
		if err := emulator.Load(bytes.NewReader(raw)); err != nil {
			return nil, fmt.Errorf("-seed %s: %w", seed, err)
		}
	}
	return k, k.save() // fails at the start if the file cannot be written
}

// save writes the file if the state has changed. It writes a new file and renames it, so that the old one is never half
// overwritten.
func (k *keeper) save() (err error) {
	if k.file == "" {
		return nil
	}
	var state bytes.Buffer
	if err := k.emulator.Save(&state); err != nil {
		return err
	}
	if bytes.Equal(state.Bytes(), k.saved) {
		return nil
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("-data: %w", err)
		}
	}()
	temp, err := os.CreateTemp(filepath.Dir(k.file), filepath.Base(k.file)+".*.tmp")
	if err != nil {
		return err
	}
	_, err = temp.Write(state.Bytes())
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), k.file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	k.saved = state.Bytes()
	return nil
}
