// Package record turns sessions and positions into records, the form in which this SDK's stores keep them. A record is an envelope
// around the JSON: it names the format, its version and the key of the session. So a store notices a file or value that
// was damaged, cut off, moved or written by another program, and never takes it for a session.
//
// Stores in other modules use this package, and such a module may be older or newer than this one: the exported names keep
// their meaning.
package record

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/internal/lenient"
)

const (
	// MaxSize is the largest size of a record, in bytes. A usual record has some thousand bytes.
	MaxSize = 8 << 20
	// KeySize is the size of an encryption key, in bytes.
	KeySize = 32

	format     = "cometchat-session"
	version    = 1
	cipherName = "AES-256-GCM"
)

// The errors of Decode. A store writes the name of the file or value before them, such as "the file x is damaged". They
// quote nothing of the record.
var (
	errDamaged   = errors.New("is damaged, cut off, or not a session of this SDK")
	errOtherKey  = errors.New("holds the session of another key: it was renamed or copied")
	errTooLarge  = fmt.Errorf("has more than %d bytes and is not a session of this SDK", MaxSize)
	errEncrypted = errors.New("is encrypted, but the store has no encryption key: give the store the key that wrote it")
	errPlain     = errors.New("is plain (not encrypted), but the store has an encryption key: WithPlainSessionsAccepted reads " +
		"plain sessions and encrypts them")
	errWrongKey = errors.New("is encrypted, but no encryption key of the store decrypts it: another key encrypted it, or it was " +
		"damaged, renamed or copied")
)

// envelope is the JSON around a session. A plain envelope has Key, Sum and Session; an encrypted one has Cipher and Sealed. A
// position is in place of the session.
type envelope struct {
	Format  string          `json:"format"`
	Version int             `json:"version"`
	Key     string          `json:"key,omitempty"` // for people: JSON changes a key that is not UTF-8, but Sum covers its bytes
	Sum     string          `json:"sha256,omitempty"`
	Session json.RawMessage `json:"session,omitempty"`
	Cipher  string          `json:"cipher,omitempty"`
	Sealed  []byte          `json:"sealed,omitempty"`
}

// Codec turns sessions into records and back. The zero value does not encrypt. It is safe for concurrent use.
type Codec struct {
	// keys returns one cipher for each key. The first cipher encrypts, and all of them decrypt. A nil keys means no encryption.
	// keys is a func because fmt prints the fields of a cipher but not of a func.
	keys func() []cipher.AEAD

	acceptsPlain bool
}

// New makes a Codec that encrypts with AES-256-GCM and the key. Its Decode also decrypts the records of the old keys. New
// keeps no reference to a key. It fails with ErrBadRequest if a key has not KeySize bytes, or if two keys are equal.
func New(key []byte, old ...[]byte) (Codec, error) {
	all := append([][]byte{key}, old...)
	ciphers := make([]cipher.AEAD, len(all))
	for i, k := range all {
		name := "the encryption key"
		if i > 0 {
			name = fmt.Sprintf("the old encryption key %d of %d", i, len(old))
		}
		if len(k) != KeySize {
			return Codec{}, fmt.Errorf("%s has %d bytes instead of %d: %w", name, len(k), KeySize, cometchat.ErrBadRequest)
		}
		if slices.ContainsFunc(all[:i], func(before []byte) bool { return bytes.Equal(before, k) }) {
			return Codec{}, fmt.Errorf("%s is equal to a key before it: %w", name, cometchat.ErrBadRequest)
		}
		block, err := aes.NewCipher(k)
		if err == nil {
			ciphers[i], err = cipher.NewGCMWithRandomNonce(block)
		}
		if err != nil {
			return Codec{}, fmt.Errorf("%s cannot be used: %w", name, err)
		}
	}
	return Codec{keys: func() []cipher.AEAD { return ciphers }}, nil
}

// AcceptingPlain returns a Codec with the keys of c whose Decode also accepts plain records. Encode still encrypts. It fails
// with ErrBadRequest if c does not encrypt.
func (c Codec) AcceptingPlain() (Codec, error) {
	if c.keys == nil {
		return Codec{}, fmt.Errorf("WithPlainSessionsAccepted needs WithEncryptionKey: a store without an encryption key reads "+
			"plain sessions anyway: %w", cometchat.ErrBadRequest)
	}
	c.acceptsPlain = true
	return c, nil
}

// Encode makes the record of a session. The user's metadata keeps its bytes, except for white space between values: Encode
// escapes no HTML. It fails with ErrMissingParameters for a nil session, with ErrBadRequest if the record would be larger than
// MaxSize, and if the session's metadata is not JSON.
func (c Codec) Encode(key string, s *cometchat.Session) ([]byte, error) {
	if s == nil {
		return nil, fmt.Errorf("the session is nil: %w", cometchat.ErrMissingParameters)
	}
	return c.encode(key, "session", s)
}

// EncodePosition makes the record of a position: see [cometchat.PositionStore]. It fails with ErrBadRequest if the record would be
// larger than MaxSize.
func (c Codec) EncodePosition(key, position string) ([]byte, error) {
	return c.encode(key, "position", position)
}

func (c Codec) encode(key, what string, value any) ([]byte, error) {
	content, err := lenient.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("the %s cannot be written as JSON: %w", what, err)
	}
	e := envelope{Format: format, Version: version}
	if c.keys == nil {
		e.Key, e.Sum, e.Session = key, sum(key, content), content
	} else {
		e.Cipher, e.Sealed = cipherName, c.keys()[0].Seal(nil, nil, content, boundTo(key)) //nolint:gosec // the cipher makes the nonce
	}
	data, err := lenient.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("the %s cannot be written as JSON: %w", what, err)
	}
	if len(data) > MaxSize {
		return nil, fmt.Errorf("the %s is larger than %d bytes: %w", what, MaxSize, cometchat.ErrBadRequest)
	}
	return data, nil
}

// Unreadable returns an error with the text of err that matches both err and ErrUnreadableSession.
func Unreadable(err error) error { return unreadable{err} }

type unreadable struct{ error }

func (u unreadable) Unwrap() error        { return u.error }
func (u unreadable) Is(target error) bool { return target == cometchat.ErrUnreadableSession }

// Decode returns the session in a record. It fails with ErrUnreadableSession if data is not a record of this key, or if the
// Codec cannot decrypt it; the error says why.
func (c Codec) Decode(key string, data []byte) (*cometchat.Session, error) {
	s := new(cometchat.Session)
	if err := c.decode(key, data, "session", s); err != nil {
		return nil, Unreadable(err)
	}
	return s, nil
}

// DecodePosition returns the position in a record. It fails as Decode does.
func (c Codec) DecodePosition(key string, data []byte) (string, error) {
	var position string
	if err := c.decode(key, data, "position", &position); err != nil {
		return "", Unreadable(err)
	}
	return position, nil
}

func (c Codec) decode(key string, data []byte, what string, value any) error {
	if len(data) > MaxSize {
		return errTooLarge
	}
	var e envelope
	if json.Unmarshal(data, &e) != nil || e.Format != format || e.Version < 1 {
		return errDamaged
	}
	if e.Version > version {
		return fmt.Errorf("has the format version %d, and this SDK reads versions up to %d: update the SDK", e.Version, version)
	}
	content, err := c.open(key, &e)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, value); err != nil { // the record is undamaged, so the content's version is too new
		return fmt.Errorf("holds a %s that cannot be read: %w", what, err)
	}
	return nil
}

// open returns the JSON of the session after it has checked that the record was written for this key.
func (c Codec) open(key string, e *envelope) ([]byte, error) {
	encrypted := e.Cipher != "" || e.Sealed != nil
	switch {
	case encrypted && c.keys == nil:
		return nil, errEncrypted
	case encrypted && e.Cipher != cipherName:
		return nil, errDamaged
	case encrypted:
		for _, aead := range c.keys() {
			if session, err := aead.Open(nil, nil, e.Sealed, boundTo(key)); err == nil {
				return session, nil
			}
		}
		return nil, errWrongKey
	case c.keys != nil && !c.acceptsPlain:
		return nil, errPlain
	case e.Sum == sum(key, e.Session):
		return e.Session, nil
	case e.Sum == sum(e.Key, e.Session):
		return nil, errOtherKey
	}
	return nil, errDamaged
}

// sum returns the hexadecimal SHA-256 of two parts: the SHA-256 of the key, and the JSON of the session.
func sum(key string, session []byte) string {
	hash := sha256.Sum256([]byte(key))
	total := sha256.Sum256(append(hash[:], session...))
	return hex.EncodeToString(total[:])
}

// boundTo returns the additional data of the encryption. It binds a session to its key.
func boundTo(key string) []byte {
	return bytes.Join([][]byte{[]byte(format), []byte("1"), []byte(key)}, []byte{0})
}
