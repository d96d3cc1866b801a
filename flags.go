package cometchat

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// FlagReason is a reason for which users may flag a message. The app's owner decides which there are.
type FlagReason struct {
	// ID is what [Client.FlagMessage] needs, "spam" for example. Name and Description are for people.
	ID, Name, Description string
	// Default says whether CometChat has made the reason, and not the app's owner.
	Default              bool
	CreatedAt, UpdatedAt time.Time
}

// FlagReasons returns the reasons for which users may flag a message (GET /v3.0/settings); none if the app has none.
//
// It fails before any request with ErrNotLoggedIn, and with ErrAuthTokenNotFound when the session's token is gone, which ends the
// session unless there is another token (see [WithTokenProvider]).
func (c *Client) FlagReasons(ctx context.Context) ([]FlagReason, error) {
	settings, err := c.fetchSettings(ctx, "FlagReasons", nil)
	if err != nil {
		return nil, err
	}
	c.live.settings.put(settings) // FlagMessage knows them now
	var reasons []FlagReason
	for _, w := range settings.FlagReasons {
		if w.ID != "" {
			reasons = append(reasons, FlagReason{w.ID, w.Name, w.Description, w.Default, w.CreatedAt.Time, w.UpdatedAt.Time})
		}
	}
	return reasons, nil
}

// FlagMessage reports a message to the app's moderators (POST /v3.0/messages/{id}/flagged). reasonID is the id of one of the
// [Client.FlagReasons], and remark the user's own words, which may be empty.
//
// It fails before any request as [Client.GetMessage] does, with ErrMissingParameters without a reason, and with ErrBadRequest (the
// code INVALID_REASON_ID) when the app's settings, as the client last got them, list reasons but not this one. It fails as
// GetMessage does when the server refuses. The request may be retried.
func (c *Client) FlagMessage(ctx context.Context, id, reasonID, remark string) error {
	const op = "FlagMessage"
	if strings.TrimSpace(reasonID) == "" {
		return newError(op, ErrMissingParameters, "the reason is missing")
	}
	if s := c.live.settings.current.Load(); s != nil && len(s.FlagReasons) > 0 &&
		!slices.ContainsFunc(s.FlagReasons, func(r wireFlagReason) bool { return r.ID == reasonID }) {
		return badArgument(op, codeReasonID, "the app has no reason %.50q: FlagReasons lists the reasons", reasonID)
	}
	body := struct {
		ReasonID string `json:"reasonId"` // as documented
		ID       string `json:"id"`       // as the JavaScript SDK sends it
		Remark   string `json:"remark,omitempty"`
	}{reasonID, reasonID, remark}
	return messageDeed(ctx, c.asUser, id, rest.Request{Op: op, Method: "POST", Route: "/messages/{id}/flagged", Body: body})
}

// MarkAsInteracted tells the server that the logged-in user has used an element of an interactive message, a button for example
// (PATCH /v3.0/messages/{id}/interacted). elementID is the elementId of the element in [Interactive.Data].
//
// It fails as [Client.GetMessage] does, and before any request with ErrMissingParameters without an element.
func (c *Client) MarkAsInteracted(ctx context.Context, id, elementID string) error {
	req, err := interaction("MarkAsInteracted", elementID)
	if err != nil {
		return err
	}
	return messageDeed(ctx, c.asUser, id, req)
}

func interaction(op, elementID string) (req rest.Request, err error) {
	if strings.TrimSpace(elementID) == "" {
		return req, newError(op, ErrMissingParameters, "the id of the element is missing")
	}
	return rest.Request{
		Op: op, Method: "PATCH", Route: "/messages/{id}/interacted", Body: map[string][]string{"interactions": {elementID}},
	}, nil
}
