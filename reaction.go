package cometchat

import (
	"cmp"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
)

// Reaction is the reaction of a user to a message.
//
// A *Reaction that a call returns belongs to the caller. As JSON a Reaction has the names and the form of CometChat's REST API, with
// times in Unix seconds.
type Reaction struct {
	// ID identifies the reaction, and MessageID the message.
	ID        string `json:"id,omitempty"`
	MessageID string `json:"messageId,omitempty"`
	// Reaction is the emoji.
	Reaction string `json:"reaction,omitempty"`
	// UID is the uid of the user who has reacted, at ReactedAt. ReactedBy is what the server said of the user; nil if it said no more
	// than the uid.
	UID       string    `json:"uid,omitempty"`
	ReactedAt time.Time `json:"reactedAt,omitzero"`
	ReactedBy *User     `json:"reactedBy,omitempty"`
}

// plainReaction is a Reaction without its methods: encoding/json sees the fields.
type plainReaction Reaction

// wireReaction is a reaction as the REST API writes it: its fields hide those of the Reaction.
type wireReaction struct {
	plainReaction
	ReactedAt unixTime  `json:"reactedAt,omitzero"`
	ReactedBy *wireUser `json:"reactedBy,omitempty"`
}

func (w *wireReaction) reaction() *Reaction {
	r := Reaction(w.plainReaction)
	r.ReactedAt = w.ReactedAt.Time
	if w.ReactedBy != nil && w.ReactedBy.UID != "" {
		r.ReactedBy = w.ReactedBy.user()
		r.UID = cmp.Or(r.UID, r.ReactedBy.UID)
	}
	return &r
}

// MarshalJSON writes r as CometChat's REST API does.
func (r Reaction) MarshalJSON() ([]byte, error) {
	type form struct {
		plainReaction
		ReactedAt unixTime `json:"reactedAt,omitzero"`
	}
	return lenient.Marshal(form{plainReaction(r), unixTime{r.ReactedAt}})
}

// UnmarshalJSON reads a reaction as CometChat's REST API writes it. A field of another form than documented is left empty.
func (r *Reaction) UnmarshalJSON(data []byte) error {
	var w wireReaction
	if _, err := lenient.Unmarshal(data, &w); err != nil {
		return err
	}
	*r = *w.reaction()
	return nil
}
