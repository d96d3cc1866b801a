package cometchat

import (
	"iter"
	"slices"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
)

// GroupMember is a user as a member of a group, or as a user who is banned from the group. As JSON a GroupMember has the names
// and the form of CometChat's REST API.
type GroupMember struct {
	User
	// Scope is ScopeAdmin, ScopeModerator or ScopeParticipant; of a banned user it is the last scope, or empty.
	Scope string
	// JoinedAt is when the user became a member; zero when the server did not send it.
	JoinedAt time.Time
}

// String describes the member on one line, as in "Ada (ada), online, admin".
func (m GroupMember) String() string {
	text := m.User.String()
	if m.Scope != "" {
		text += ", " + m.Scope
	}
	return oneLine(text)
}

// wireMember is a member as the REST API writes it.
type wireMember struct {
	wireUser
	Scope    string   `json:"scope,omitempty"`
	JoinedAt unixTime `json:"joinedAt,omitzero"`
}

func (w *wireMember) member() *GroupMember {
	return &GroupMember{User: *w.user(), Scope: w.Scope, JoinedAt: w.JoinedAt.Time}
}

// MarshalJSON writes m as CometChat's REST API does.
func (m GroupMember) MarshalJSON() ([]byte, error) {
	return lenient.Marshal(wireMember{m.wire(), m.Scope, unixTime{m.JoinedAt}})
}

// UnmarshalJSON reads a member as CometChat's REST API writes it. A field of another form than documented is left empty.
func (m *GroupMember) UnmarshalJSON(data []byte) error {
	var w wireMember
	if _, err := lenient.Unmarshal(data, &w); err != nil {
		return err
	}
	*m = *w.member()
	return nil
}

// NewGroupMembers are the uids of the users who become members of a group, by their scope, and of the users who are banned from
// the group. No uid may be there twice.
type NewGroupMembers struct {
	Admins       []string `json:"admins,omitempty"`
	Moderators   []string `json:"moderators,omitempty"`
	Participants []string `json:"participants,omitempty"`
	Banned       []string `json:"usersToBan,omitempty"`
}

// IsZero reports whether there is no user.
func (m NewGroupMembers) IsZero() bool { return m.count() == 0 }

func (m NewGroupMembers) count() int {
	return len(m.Admins) + len(m.Moderators) + len(m.Participants) + len(m.Banned)
}

func (m NewGroupMembers) uids() []string {
	return slices.Concat(m.Admins, m.Moderators, m.Participants, m.Banned)
}

// byScope goes through the members of each scope.
func (m NewGroupMembers) byScope() iter.Seq2[string, []string] {
	return func(yield func(string, []string) bool) {
		_ = yield(ScopeAdmin, m.Admins) && yield(ScopeModerator, m.Moderators) && yield(ScopeParticipant, m.Participants)
	}
}

// add adds a member with a scope.
func (m *NewGroupMembers) add(scope, uid string) {
	list := map[string]*[]string{ScopeAdmin: &m.Admins, ScopeModerator: &m.Moderators, ScopeParticipant: &m.Participants}[scope]
	*list = append(*list, uid)
}

// maxMembersPerCall is the API's limit for the users of one request, members and banned users together.
const maxMembersPerCall = 25

// batches cuts m into parts that one request may have.
func (m NewGroupMembers) batches() (batches []NewGroupMembers) {
	room := 0
	for at, list := range [][]string{m.Admins, m.Moderators, m.Participants, m.Banned} {
		for len(list) > 0 {
			if room == 0 {
				batches, room = append(batches, NewGroupMembers{}), maxMembersPerCall
			}
			b := &batches[len(batches)-1]
			n := min(room, len(list))
			*[]*[]string{&b.Admins, &b.Moderators, &b.Participants, &b.Banned}[at] = list[:n]
			list, room = list[n:], room-n
		}
	}
	return batches
}
