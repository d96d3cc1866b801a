package cometchattest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

const (
	// maxBody is the documented limit of a POST body, in bytes.
	maxBody = 10 << 10
	// maxMessageBody is larger, as the official SDKs send the text of a message twice.
	maxMessageBody = 1 << 20
)

// call is a request that is being answered.
type call struct {
	r       *http.Request
	route   *route
	noRoute error // why route is nil
	body    []byte
	form    *form     // what a body of multipart/form-data holds; body is only its beginning then
	tooLong bool      // the body is longer than it may be, and cut there
	began   time.Time // by the real clock
	caller  string    // for the observer: see Event.UID
	now     time.Time
	token   *store.Token // nil if the call is made with a key
}

// maxBody returns how many bytes the body may have. There is a route.
func (c *call) maxBody() int {
	if c.form != nil {
		return maxUpload
	}
	return cmp.Or(c.route.maxBody, maxBody)
}

// read reads the body, and cuts it if it is too long. It returns false if the client broke off.
func (c *call) read(w http.ResponseWriter) bool {
	if c.route != nil && c.route.form {
		if boundary, ok := formBoundary(c.r); ok {
			return c.readForm(w, boundary)
		}
	}
	var err error
	c.body, err = io.ReadAll(http.MaxBytesReader(w, c.r.Body, maxMessageBody))
	_, c.tooLong = errors.AsType[*http.MaxBytesError](err)
	return err == nil || c.tooLong
}

// decode reads the body into v, a pointer to a struct or a map. An empty body leaves v alone. The error names every field of
// another JSON type.
func (c *call) decode(v any) error {
	body := bytes.TrimSpace(c.body)
	if len(body) == 0 || json.Unmarshal(body, v) == nil {
		return nil
	}
	errs := store.FieldErrors{}
	err := errs.Decode(body, v)
	switch media, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type")); {
	case err == nil:
		return refuseFields(errs)
	case json.Valid(body):
		return refuse(http.StatusBadRequest, "ERR_BAD_REQUEST", "The body has to be a JSON object, not %s.", store.Kind(body))
	case media == "application/x-www-form-urlencoded", media == "multipart/form-data":
		return refuse(http.StatusBadRequest, "ERR_BAD_REQUEST",
			"The body is a form (%s), but this API takes JSON, with the header Content-Type: application/json.", media)
	default:
		return refuse(http.StatusBadRequest, "ERR_BAD_REQUEST", "The body is not JSON: %v.", err)
	}
}

// decodeUser reads the body as the fields of a user.
func (c *call) decodeUser(creation bool) (*store.UserFields, error) {
	var f store.UserFields
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	return &f, refuseFields(f.Check(creation))
}

// decodeUIDs reads a field of the body that lists uids. It lower-cases them and drops repeated ones.
func (c *call) decodeUIDs(field string) ([]string, error) {
	body := map[string]any{}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	errs := store.FieldErrors{}
	values, ok := body[field].([]any)
	switch {
	case body[field] != nil && !ok:
		errs.Add(field, "must be a list of uids.")
	case len(values) == 0:
		errs.Add(field, "field is required.")
	}
	uids := []string{}
	for _, value := range values {
		uid, ok := value.(string)
		if !ok {
			errs.Add(field, "must be a list of uids.")
			break
		}
		if uid = strings.ToLower(uid); !slices.Contains(uids, uid) {
			uids = append(uids, uid)
		}
	}
	return uids, refuseFields(errs)
}
