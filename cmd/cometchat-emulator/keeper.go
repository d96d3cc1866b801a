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

// keeper keeps what the emulator knows in a file.
type keeper struct {
	emulator *cometchattest.Server
	file     string // "": nothing is kept
	saved    []byte // what is in the file
}

// newKeeper fills the emulator from the data file, or else, when there is none yet, from the seed.
func newKeeper(emulator *cometchattest.Server, seed, data string) (*keeper, error) {
	k := &keeper{emulator: emulator, file: data}
	if data != "" {
		raw, err := os.ReadFile(data) //nolint:gosec // it is where the user says
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
		raw, err := os.ReadFile(seed) //nolint:gosec // it is where the user says
		if err != nil {
			return nil, fmt.Errorf("-seed: %w", err)
		}
		if err := emulator.Load(bytes.NewReader(raw)); err != nil {
			return nil, fmt.Errorf("-seed %s: %w", seed, err)
		}
	}
	return k, k.save() // so that a file that cannot be written is known at once
}

// save writes the file if it would be another: a new one, which takes the old one's place.
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
