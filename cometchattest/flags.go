package cometchattest

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// flagReason is why a message may be reported. The settings list all.
type flagReason struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Default     bool   `json:"default"`
	CreatedAt   int64  `json:"createdAt"`
	UpdatedAt   int64  `json:"updatedAt"`
}

// flagReasons are those that the documentation names.
var flagReasons = []flagReason{
	{"spam", "Spam", "Unwanted or repeated content", true, 1700000000, 1700000000},
	{"harassment", "Harassment", "Bullying or threats", true, 1700000000, 1700000000},
	{"hate_speech", "Hate speech", "Hatred of a group of people", true, 1700000000, 1700000000},
	{"violence", "Violence", "Violence, or a call for it", true, 1700000000, 1700000000},
	{"inappropriate", "Inappropriate", "Content that does not belong here", true, 1700000000, 1700000000},
	{"other", "Other", "Another reason", true, 1700000000, 1700000000},
}

// flagMessage keeps a user's report of a message. The documentation calls the reason reasonId, the official SDK id.
func (s *Server) flagMessage(c *call, m *store.Message, uid string) (*envelope, error) {
	var f struct {
		ReasonID string `json:"reasonId"`
		ID       string `json:"id"`
		Remark   string `json:"remark"`
	}
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	reason := cmp.Or(f.ReasonID, f.ID)
	errs := store.FieldErrors{}
	switch {
	case reason == "":
		errs.Add("reasonId", "field is required.")
	case !slices.ContainsFunc(flagReasons, func(r flagReason) bool { return r.ID == reason }):
		errs.Add("reasonId", "must be the id of a reason in the settings.")
	}
	if err := refuseFields(errs); err != nil {
		return nil, err
	}
	if m.Category == store.CategoryAction || m.DeletedAt != 0 {
		return nil, refuse(http.StatusBadRequest, "ERR_MESSAGE_ACTION_NOT_ALLOWED", "The message %s cannot be flagged.", m.ID)
	}
	s.store.FlagMessage(m, uid, store.Flag{ReasonID: reason, Remark: f.Remark, FlaggedAt: c.now.Unix()})
	return success("The message %s has been flagged.", m.ID), nil
}
