package cometchat

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
)

// ImportedGroup is a group from another chat system, for [Admin.ImportGroups]. It has no Members: import these with
// [Admin.ImportGroupMembers]. It has no password: give it one afterwards, with [Admin.UpdateGroup].
type ImportedGroup struct {
	NewGroup
	// CreatedAt is when the group was created there; zero leaves it to the server.
	CreatedAt time.Time
}

// ImportedGroupMember is the member of a group in another chat system, for [Admin.ImportGroupMembers].
type ImportedGroupMember struct {
	GUID, UID string
	// Scope is ScopeAdmin, ScopeModerator or ScopeParticipant; empty leaves it to the server.
	Scope string
	// JoinedAt is when the user became a member there; zero leaves it to the server.
	JoinedAt time.Time
}

// ImportedMessage is a message from another chat system, for [Admin.ImportMessages].
type ImportedMessage struct {
	// OutgoingMessage is what the message says, and to whom. It needs its MUID: by the MUID the server knows a message that it has
	// already. Files, ParentID and QuotedMessageID are refused: CometChat documents no import of these.
	OutgoingMessage
	// Sender is the uid of the user who sent the message, and SentAt when.
	Sender string
	SentAt time.Time
	// DeliveredAt and ReadAt are when the receiver got and read it; zero when not.
	DeliveredAt, ReadAt time.Time
}

// importTime is a time in the form of the documented examples of imports: Unix seconds in a text.
type importTime struct{ time.Time }

func (t importTime) MarshalJSON() ([]byte, error) {
	return strconv.AppendQuote(nil, strconv.FormatInt(t.Unix(), 10)), nil
}

// importItem is one item of an import.
type importItem struct {
	key  string // identifies the item in the request and in the answer
	body any
}

func (u *User) importItem(op string) (importItem, error) {
	if err := checkNewUser(op, u); err != nil {
		return importItem{}, err
	}
	return importItem{foldUID(u.UID), struct {
		wireUser
		CreatedAt     importTime `json:"createdAt,omitzero"`
		LastActiveAt  importTime `json:"lastActiveAt,omitzero"`
		DeactivatedAt importTime `json:"deactivatedAt,omitzero"`
	}{u.settable(), importTime{u.CreatedAt}, importTime{u.LastActiveAt}, importTime{u.DeactivatedAt}}}, nil
}

func (g *ImportedGroup) importItem(op string) (importItem, error) {
	body, err := g.body(op)
	if err != nil {
		return importItem{}, err
	}
	if g.Type == GroupPassword { // texts of errors could show the passwords of the many
		return importItem{}, newError(op, ErrBadRequest, "a group with a password is not imported: import it as %s, and call UpdateGroup", GroupPrivate)
	}
	if !g.Members.IsZero() {
		return importItem{}, newError(op, ErrBadRequest, "a group to import has no Members: import them with ImportGroupMembers")
	}
	return importItem{foldUID(g.GUID), struct {
		*newGroupBody
		CreatedAt importTime `json:"createdAt,omitzero"`
	}{body, importTime{g.CreatedAt}}}, nil
}

func (m *ImportedGroupMember) importItem(op string) (importItem, error) {
	if err := checkMember(op, m.GUID, m.UID); err != nil {
		return importItem{}, err
	}
	if m.Scope != "" {
		if err := checkScope(op, m.Scope); err != nil {
			return importItem{}, err
		}
	}
	key := foldUID(m.GUID + "_member_" + m.UID)
	return importItem{key, struct {
		MemberID string     `json:"memberId"`
		GUID     string     `json:"guid"`
		UID      string     `json:"uid"`
		Scope    string     `json:"scope,omitempty"`
		JoinedAt importTime `json:"joinedAt,omitzero"`
	}{key, m.GUID, m.UID, m.Scope, importTime{m.JoinedAt}}}, nil
}

func (m *ImportedMessage) importItem(op string) (importItem, error) {
	switch {
	case m.MUID == "":
		return importItem{}, newError(op, ErrMissingParameters, "the MUID of the message is missing")
	case m.SentAt.IsZero():
		return importItem{}, newError(op, ErrMissingParameters, "the time of the message is missing")
	case len(m.Files) > 0 || m.ParentID != "" || m.QuotedMessageID != "":
		return importItem{}, newError(op, ErrBadRequest, "a message to import has no Files, ParentID and QuotedMessageID")
	}
	if err := checkUID(op, m.Sender); err != nil {
		return importItem{}, err
	}
	out, err := checkOutgoing(op, &m.OutgoingMessage, defaultMaxFiles)
	if err != nil {
		return importItem{}, err
	}
	with, _ := lenient.Marshal(struct { // texts always marshal
		Sender      string     `json:"sender"`
		SentAt      importTime `json:"sentAt"`
		DeliveredAt importTime `json:"deliveredAt,omitzero"`
		ReadAt      importTime `json:"readAt,omitzero"`
	}{m.Sender, importTime{m.SentAt}, importTime{m.DeliveredAt}, importTime{m.ReadAt}})
	body := append(out.body[:len(out.body)-1:len(out.body)-1], ',') // both are JSON objects
	return importItem{m.MUID, json.RawMessage(append(body, with[1:]...))}, nil
}

// importBody writes items as the field of a request's body, in their order: messages have to be in the order in which they were sent.
func importBody(field string, items []importItem) ([]byte, error) {
	body := []byte("{" + strconv.Quote(field) + ":{")
	for i, item := range items {
		if i > 0 {
			body = append(body, ',')
		}
		key, err := lenient.Marshal(item.key)
		if err != nil {
			return nil, err
		}
		value, err := lenient.Marshal(item.body)
		if err != nil {
			return nil, err
		}
		body = append(append(append(body, key...), ':'), value...)
	}
	return append(body, '}', '}'), nil
}
