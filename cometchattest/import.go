package cometchattest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/cometchat-go/cometchat/internal/lenient"
)

// maxImported is how many items a request may import.
const maxImported = 50

// importing returns the handler of an import of items of a kind, "users" for example. one imports the item with a key. A body that one
// cannot read is refused with the code flaw.
func importing[T any](kind, flaw string, one func(s *Server, c *call, key string, item *T) (any, error)) handler {
	return func(s *Server, c *call) (*envelope, error) {
		var body map[string]json.RawMessage
		if err := c.decode(&body); err != nil {
			return nil, err
		}
		keys, items, ok := inOrder(body[kind])
		switch {
		case !ok || len(keys) == 0:
			return nil, refuseFields(store.FieldErrors{kind: {"The " + kind + " field must be an object with at least one item."}})
		case len(keys) > maxImported:
			return nil, refuseFields(store.FieldErrors{kind: {"The " + kind + " are more than 50."}})
		}
		results := map[string]uidResult{}
		for i, key := range keys {
			item, result := new(T), any(nil)
			err := json.Unmarshal(items[i], item)
			if err != nil {
				err = refuse(http.StatusBadRequest, flaw, "The item %s has a field of another type: %v.", key, err)
			} else {
				result, err = one(s, c, key, item)
			}
			results[key] = newResult(result, err)
		}
		return data(results), nil
	}
}

// inOrder returns the fields of an object in their order.
func inOrder(object json.RawMessage) (keys []string, values []json.RawMessage, ok bool) {
	d := json.NewDecoder(bytes.NewReader(object))
	if begin, err := d.Token(); err != nil || begin != json.Delim('{') {
		return nil, nil, false
	}
	for d.More() {
		key, _ := d.Token() // object is valid, and so the decoder returns no error
		var value json.RawMessage
		_ = d.Decode(&value)
		name, _ := key.(string)
		keys, values = append(keys, name), append(values, value)
	}
	return keys, values, true
}

// pastTime is a time in an import: Unix seconds, as a number or a text.
type pastTime struct{ time.Time }

func (t *pastTime) UnmarshalJSON(raw []byte) error {
	read, ok := lenient.Time(raw)
	if !ok {
		return errors.New("a time has to be Unix seconds")
	}
	t.Time = read
	return nil
}

// or returns the time, or another one if there is none.
func (t pastTime) or(other time.Time) time.Time {
	if t.IsZero() {
		return other
	}
	return t.Time
}

// checkImported refuses an item whose fields are wrong, or that is not about its key.
func checkImported(flaw, key, id string, errs store.FieldErrors) error {
	if !strings.EqualFold(key, id) {
		return refuse(http.StatusBadRequest, flaw, "The key %s is not the id of the item, %s.", key, id)
	}
	for _, field := range slices.Sorted(maps.Keys(errs)) {
		return refuse(http.StatusBadRequest, flaw, "%s", errs[field][0])
	}
	return nil
}

type importedUser struct {
	store.UserFields
	CreatedAt     pastTime `json:"createdAt"`
	LastActiveAt  pastTime `json:"lastActiveAt"`
	DeactivatedAt pastTime `json:"deactivatedAt"`
}

const userFormat = "ERR_IMPORT_INVALID_USER_FORMAT"

func (s *Server) importUser(c *call, key string, f *importedUser) (any, error) {
	err := checkImported(userFormat, key, value(f.UID), f.Check(true))
	if err == nil {
		err = s.checkRole(&f.UserFields)
	}
	switch {
	case err != nil:
		return nil, err
	case s.store.User(strings.ToLower(key)) != nil:
		return nil, refuse(http.StatusBadRequest, "ERR_UID_ALREADY_EXISTS", "The UID %s already exists.", key)
	}
	u := s.store.CreateUser(f.UserFields, f.CreatedAt.or(c.now))
	u.LastActiveAt = max(0, f.LastActiveAt.or(time.Unix(0, 0)).Unix())
	u.DeactivatedAt = max(0, f.DeactivatedAt.or(time.Unix(0, 0)).Unix())
	return u, nil
}

type importedGroup struct {
	store.GroupFields
	CreatedAt pastTime `json:"createdAt"`
}

const groupFormat = "ERR_IMPORT_INVALID_GROUP_FORMAT"

func (s *Server) importGroup(c *call, key string, f *importedGroup) (any, error) {
	if err := checkImported(groupFormat, key, value(f.GUID), f.Check(true)); err != nil {
		return nil, err
	}
	if s.store.Group(strings.ToLower(key)) != nil {
		return nil, refuse(http.StatusBadRequest, "ERR_GUID_ALREADY_EXISTS", "The group with guid %s already exists.", key)
	}
	owner := store.System
	if uid := value(f.Owner); uid != "" {
		u, err := s.findUser(uid)
		if err != nil {
			return nil, err
		}
		owner = u.UID
	}
	return s.store.ViewGroup(s.store.CreateGroup(f.GroupFields, owner, f.CreatedAt.or(c.now)), ""), nil
}

type importedMember struct {
	MemberID string          `json:"memberId"`
	GUID     string          `json:"guid"`
	UID      string          `json:"uid"`
	Scope    string          `json:"scope"`
	JoinedAt json.RawMessage `json:"joinedAt"`
}

const memberFormat = "ERR_IMPORT_INVALID_MEMBER_FORMAT"

func (s *Server) importMember(c *call, key string, f *importedMember) (any, error) {
	if err := checkImported(memberFormat, key, f.GUID+"_member_"+f.UID, nil); err != nil {
		return nil, err
	}
	scope, joined := cmp.Or(f.Scope, store.Participant), pastTime{}
	if store.ScopeRank(scope) == store.RankNone {
		return nil, refuse(http.StatusBadRequest, memberFormat, "The scope must be admin, moderator or participant.")
	}
	if f.JoinedAt != nil && joined.UnmarshalJSON(f.JoinedAt) != nil {
		return nil, refuse(http.StatusBadRequest, "ERR_IMPORT_INVALID_JOINEDAT", "The joinedAt has to be Unix seconds.")
	}
	g, err := s.findGroup(f.GUID)
	if err != nil {
		return nil, err
	}
	u, err := s.findUser(f.UID)
	if err == nil {
		err = checkJoin(g, u.UID)
	}
	if err != nil {
		return nil, err
	}
	s.store.AddMember(g, u.UID, scope, joined.or(c.now))
	return map[string]any{"guid": g.GUID, "uid": u.UID, "scope": scope, "joinedAt": g.Members[u.UID].JoinedAt}, nil
}

type importedMessage struct {
	messageFields
	Sender      string   `json:"sender"`
	SentAt      pastTime `json:"sentAt"`
	DeliveredAt pastTime `json:"deliveredAt"`
	ReadAt      pastTime `json:"readAt"`
}

const messageFormat = "ERR_IMPORT_INVALID_MESSAGE_FORMAT"

// importMessage keeps a message with its time in the past. It tells nobody.
func (s *Server) importMessage(_ *call, key string, f *importedMessage) (any, error) {
	switch {
	case key == "" || f.MUID != key:
		return nil, refuse(http.StatusBadRequest, messageFormat, "The key %s is not the muid of the item, %s.", key, f.MUID)
	case f.SentAt.IsZero():
		return nil, refuse(http.StatusBadRequest, messageFormat, "The sentAt of the message %s is missing.", key)
	case s.store.HasMUID(key):
		return nil, refuse(http.StatusBadRequest, "ERR_IMPORT_MUID_ALREADY_EXISTS", "The message with muid %s already exists.", key)
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	sender, err := s.findUser(f.Sender)
	if err != nil {
		return nil, err
	}
	receiver, _, err := s.findReceiver(&f.messageFields, sender.UID)
	if err != nil {
		return nil, err
	}
	m := s.store.SendMessage(store.Message{
		MUID: key, Sender: sender.UID, ReceiverType: f.ReceiverType, Receiver: receiver, Category: f.Category, Type: f.Type,
		Data: f.Data, Tags: f.Tags,
	}, f.SentAt.Time)
	if f.ReceiverType == "user" {
		conversation := s.store.Between(sender.UID, receiver)
		if !f.DeliveredAt.IsZero() {
			s.store.MarkDelivered(conversation, receiver, m.Number(), f.DeliveredAt.Time)
		}
		if !f.ReadAt.IsZero() {
			s.store.MarkRead(conversation, receiver, m.Number(), f.ReadAt.Time)
		}
	}
	return s.store.View(m, "", store.ViewOptions{Tags: true}), nil
}
