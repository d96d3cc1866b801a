// Package record is the form in which the stores of this SDK keep a session: the session's own JSON in an envelope that
// says what it is, in which version, and under which key it was kept, so that a file or value that was damaged, cut off,
// moved or put there by something else is never taken for a session.
//
// It is shared by stores in modules of their own, which may be older or newer than this one: what is exported here keeps
// its meaning.
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

	"github.com/cometchat-go/cometchat"
)

const (
	// MaxSize is how many bytes a record may have; a real one has some thousands.
	MaxSize = 8 << 20
	// KeySize is how many bytes an encryption key has.
	KeySize = 32

	format     = "cometchat-session"
	version    = 1
	cipherName = "AES-256-GCM"
)

// The errors of Decode follow the name of what was read, as in "the file x" + " " + error, and quote nothing of it.
var (
	errDamaged   = errors.New("is damaged, cut off, or no session of this SDK")
	errOtherKey  = errors.New("holds the session of another key: it was renamed or copied")
	errTooLarge  = fmt.Errorf("has more than %d bytes, and is no session of this SDK", MaxSize)
	errEncrypted = errors.New("is encrypted, and the store has no key: give it the one that it was written with")
	errPlain     = errors.New("is not encrypted, and the store was given a key: read it with a store that has none")
	errWrongKey  = errors.New("cannot be decrypted: the encryption key is another one, or it was damaged, renamed or copied")
)

// envelope is the JSON around a session. Without encryption it has Key, Sum and Session, otherwise Cipher and Sealed.
type envelope struct {
	Format  string          `json:"format"`
	Version int             `json:"version"`
	Key     string          `json:"key,omitempty"` // for people; it may not be valid UTF-8, and Sum has it as it is
	Sum     string          `json:"sha256,omitempty"`
	Session json.RawMessage `json:"session,omitempty"`
	Cipher  string          `json:"cipher,omitempty"`
	Sealed  []byte          `json:"sealed,omitempty"`
}

// Codec turns sessions into records and back. The zero value does not encrypt. It may be used concurrently.
type Codec struct {
	aead func() cipher.AEAD // nil: no encryption. It is a func because fmt does not look into one
}

// New makes a Codec that encrypts with AES-256-GCM. It copies the key, which has to have KeySize bytes.
func New(encryptionKey []byte) (Codec, error) {
	if len(encryptionKey) != KeySize {
		return Codec{}, fmt.Errorf("the encryption key has %d bytes instead of %d: %w",
			len(encryptionKey), KeySize, cometchat.ErrBadRequest)
	}
	block, err := aes.NewCipher(encryptionKey)
	if err != nil {
		return Codec{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return Codec{}, err
	}
	return Codec{func() cipher.AEAD { return aead }}, nil
}

// Encode makes the record of a session. It fails with ErrMissingParameters for nil, and with ErrBadRequest for a session
// whose record would be too large.
func (c Codec) Encode(key string, s *cometchat.Session) ([]byte, error) {
	if s == nil {
		return nil, fmt.Errorf("the session is nil: %w", cometchat.ErrMissingParameters)
	}
	session, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("the session cannot be written as JSON: %w", err)
	}
	e := envelope{Format: format, Version: version}
	if c.aead == nil {
		e.Key, e.Sum, e.Session = key, sum(key, session), session
	} else {
		e.Cipher, e.Sealed = cipherName, c.aead().Seal(nil, nil, session, boundTo(key)) //nolint:gosec // it makes a nonce itself
	}
	data, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("the session cannot be written as JSON: %w", err)
	}
	if len(data) > MaxSize {
		return nil, fmt.Errorf("the session is larger than %d bytes: %w", MaxSize, cometchat.ErrBadRequest)
	}
	return data, nil
}

// Unreadable makes of err, which says that something is no session, an error with the same text that matches
// ErrUnreadableSession too.
func Unreadable(err error) error { return unreadable{err} }

type unreadable struct{ error }

func (u unreadable) Unwrap() error        { return u.error }
func (u unreadable) Is(target error) bool { return target == cometchat.ErrUnreadableSession }

// Decode returns the session of a record that was made for the same key, or an error that says what is wrong with it and
// matches ErrUnreadableSession.
func (c Codec) Decode(key string, data []byte) (*cometchat.Session, error) {
	s, err := c.decode(key, data)
	if err != nil {
		return nil, Unreadable(err)
	}
	return s, nil
}

func (c Codec) decode(key string, data []byte) (*cometchat.Session, error) {
	if len(data) > MaxSize {
		return nil, errTooLarge
	}
	var e envelope
	if json.Unmarshal(data, &e) != nil || e.Format != format || e.Version < 1 {
		return nil, errDamaged
	}
	if e.Version > version {
		return nil, fmt.Errorf("has the format version %d, and this package reads up to %d: update it", e.Version, version)
	}
	session, err := c.open(key, &e)
	if err != nil {
		return nil, err
	}
	s := new(cometchat.Session)
	if err := json.Unmarshal(session, s); err != nil { // it is as it was written, so this is about its version
		return nil, fmt.Errorf("holds a session that cannot be read: %w", err)
	}
	return s, nil
}

// open returns the JSON of the session once it is certain that it is the one that was written for the key.
func (c Codec) open(key string, e *envelope) ([]byte, error) {
	encrypted := e.Cipher != "" || e.Sealed != nil
	switch {
	case encrypted && c.aead == nil:
		return nil, errEncrypted
	case encrypted && e.Cipher != cipherName:
		return nil, errDamaged
	case encrypted:
		session, err := c.aead().Open(nil, nil, e.Sealed, boundTo(key))
		if err != nil {
			return nil, errWrongKey
		}
		return session, nil
	case c.aead != nil:
		return nil, errPlain
	case e.Sum == sum(key, e.Session):
		return e.Session, nil
	case e.Sum == sum(e.Key, e.Session):
		return nil, errOtherKey
	}
	return nil, errDamaged
}

// sum is the SHA-256 of the SHA-256 of the key and the JSON of the session, in hex.
func sum(key string, session []byte) string {
	hash := sha256.Sum256([]byte(key))
	total := sha256.Sum256(append(hash[:], session...))
	return hex.EncodeToString(total[:])
}

// boundTo is the additional data that a session is encrypted with: it opens under its own key only.
func boundTo(key string) []byte {
	return bytes.Join([][]byte{[]byte(format), []byte("1"), []byte(key)}, []byte{0})
}
