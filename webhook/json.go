package webhook

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/internal/lenient"
)

// jsonFields returns the fields of a JSON object, and nil for anything else.
func jsonFields(data []byte) map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil {
		return nil
	}
	return fields
}

// jsonText returns a JSON string, or a number as it is written, and "" for anything else.
func jsonText(data json.RawMessage) string {
	var text string
	if _, err := lenient.Unmarshal(data, &text); err != nil {
		return ""
	}
	return text
}

// at is a time as a server writes it: the zero time if it cannot be read.
type at struct{ time.Time }

// UnmarshalJSON never fails.
func (t *at) UnmarshalJSON(data []byte) error {
	t.Time, _ = lenient.Time(data)
	return nil
}

// read returns data as a T. A field of another form than documented is left empty.
func read[T any](data json.RawMessage) *T {
	v := new(T)
	_, _ = lenient.Unmarshal(data, v) // an error: data is nil
	return v
}

// object returns data if it is a JSON object, and nil otherwise.
func object(data json.RawMessage) json.RawMessage {
	if jsonFields(data) == nil {
		return nil
	}
	return data
}

// readUsers reads an object of users by uid, or a list of users.
func readUsers(data json.RawMessage) (users []*cometchat.User) {
	for _, u := range usersJSON(data) {
		users = append(users, u.user)
	}
	return users
}

// userJSON is a user and its JSON, which may have more than a user.
type userJSON struct {
	user *cometchat.User
	json json.RawMessage
}

// usersJSON reads an object of users by uid, in the order of the uids, or a list of users.
func usersJSON(data json.RawMessage) (users []userJSON) {
	var list []json.RawMessage
	_ = json.Unmarshal(data, &list)
	for _, each := range list {
		if u := readUser(each, ""); u != nil {
			users = append(users, userJSON{u, each})
		}
	}
	byUID := jsonFields(data)
	for _, uid := range slices.Sorted(maps.Keys(byUID)) {
		if u := readUser(byUID[uid], uid); u != nil {
			users = append(users, userJSON{u, byUID[uid]})
		}
	}
	return users
}

// readUser reads a user, or a uid alone. If data has no uid, it takes the given uid; if both are empty, it returns nil.
func readUser(data json.RawMessage, uid string) *cometchat.User {
	u := read[cometchat.User](data)
	if u.UID == "" {
		u.UID = jsonText(data)
	}
	if u.UID == "" {
		u.UID = uid
	}
	if u.UID == "" {
		return nil
	}
	return u
}
