package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/gofrs/flock"
)

// keeper keeps the emulator's state in a file.
type keeper struct {
	emulator *cometchattest.Server
	file     string       // "" keeps nothing
	lock     *flock.Flock // nil without a file
	saved    uint64       // the emulator's Changes when save last wrote the file
}

// newKeeper loads the data file into the emulator or, if there is no such file yet, the seed. The caller has to close the
// keeper.
func newKeeper(emulator *cometchattest.Server, seed, data string) (*keeper, error) {
	k := &keeper{emulator: emulator, file: data}
	if err := k.acquire(); err != nil {
		return nil, err
	}
	if err := k.begin(seed); err != nil {
		return nil, errors.Join(err, k.close())
	}
	return k, nil
}

func (k *keeper) begin(seed string) error {
	loaded, err := loadData(k.emulator, k.file)
	switch {
	case err != nil:
		return err
	case loaded && seed != "":
		return fmt.Errorf("-seed %s would be ignored, because -data %s exists: leave out -seed, or delete %[2]s", seed, k.file)
	case seed != "":
		if err := load(k.emulator, seed); err != nil {
			return fmt.Errorf("-seed: %w", err)
		}
	}
	if k.emulator.AuthKey == k.emulator.APIKey {
		return errors.New("the auth key and the REST API key have to differ, as they give different rights")
	}
	return k.write() // fails at the start if the file cannot be written
}

// loadData loads the file of -data, and says whether there is one.
func loadData(emulator *cometchattest.Server, data string) (found bool, err error) {
	if data == "" {
		return false, nil
	}
	err = load(emulator, data)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("-data: %w", err)
	}
	return true, nil
}

// replacedKeys returns the flags with keys other than those that the data file keeps.
func replacedKeys(set settings) (flags []string) {
	var kept struct {
		Keys struct{ AuthKey, APIKey string }
	}
	raw, err := os.ReadFile(set.data)
	if err != nil || json.Unmarshal(raw, &kept) != nil {
		return nil // newKeeper reports it
	}
	for _, key := range []struct{ flag, given, kept string }{
		{"-auth-key", set.authKey, kept.Keys.AuthKey}, {"-api-key", set.apiKey, kept.Keys.APIKey},
	} {
		if key.given != "" && key.kept != "" && key.given != key.kept {
			flags = append(flags, key.flag)
		}
	}
	return flags
}

func load(emulator *cometchattest.Server, file string) error {
	raw, err := os.ReadFile(file) //nolint:gosec // the user names the file
	if err != nil {
		return err
	}
	if err := emulator.Load(bytes.NewReader(raw)); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// acquire keeps other emulators from using the file.
func (k *keeper) acquire() error {
	if k.file == "" {
		return nil
	}
	// A lock on the file itself would be gone when a new file takes its place.
	k.lock = flock.New(k.file+".lock", flock.SetPermissions(0o600))
	mine, err := k.lock.TryLock()
	if err != nil {
		return fmt.Errorf("-data: %w", err)
	}
	if !mine {
		return fmt.Errorf("-data: another emulator is using %s", k.file)
	}
	return nil
}

func (k *keeper) close() error {
	if k.lock == nil {
		return nil
	}
	return k.lock.Close()
}

// save writes the file if the state has changed.
func (k *keeper) save() error {
	if k.saved == k.emulator.Changes() {
		return nil
	}
	return k.write()
}

func (k *keeper) write() error {
	if k.file == "" {
		return nil
	}
	changes := k.emulator.Changes() // before Save: a later change may be in the file, and is written again
	var state bytes.Buffer
	err := k.emulator.Save(&state)
	if err == nil {
		err = replaceFile(k.file, state.Bytes(), 0o600)
	}
	if err != nil {
		return fmt.Errorf("-data: %w", err)
	}
	k.saved = changes
	return nil
}
