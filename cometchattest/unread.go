package cometchattest

import "github.com/cometchat-go/cometchat/cometchattest/internal/store"

// entityCount is how many messages of a conversation a list would have.
type entityCount struct {
	EntityID   string `json:"entityId"`
	EntityType string `json:"entityType"`
	Count      int    `json:"count"`
}

// countMessages counts, for each conversation of the viewer, the unread messages that match the query. Conversations without any
// are left out.
func (s *Server) countMessages(q *query, viewer string, conversations []*store.Conversation) (*envelope, error) {
	if !q.flag("unread") {
		q.errs.Add("count", "has to come with unread.")
	}
	if viewer == "" {
		q.errs.Add("count", "needs the onBehalfOf header.")
	}
	matches := s.messageFilter(q, viewer)
	if err := refuseFields(q.errs); err != nil {
		return nil, err
	}
	counts := []entityCount{}
	for _, c := range conversations {
		count := entityCount{EntityID: c.Other(viewer), EntityType: "user"}
		if c.GUID != "" {
			count = entityCount{EntityID: c.GUID, EntityType: "group"}
		}
		for _, m := range s.store.UnreadMessages(c, viewer) {
			if matches(m) {
				count.Count++
			}
		}
		if count.Count > 0 {
			counts = append(counts, count)
		}
	}
	return data(counts), nil
}
