package cometchattest

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// filters are conditions that all have to hold for a message.
type filters []func(*store.Message) bool

func (f *filters) add(condition func(*store.Message) bool) { *f = append(*f, condition) }

// when adds a condition if a flag of the query is set.
func (f *filters) when(on bool, condition func(*store.Message) bool) {
	if on {
		f.add(condition)
	}
}

func (f filters) match(m *store.Message) bool {
	return !slices.ContainsFunc(f, func(holds func(*store.Message) bool) bool { return !holds(m) })
}

// messageFilter reads which messages a list has. Of these the viewer sees only those of the viewer's own conversations.
func (s *Server) messageFilter(q *query, viewer string) func(*store.Message) bool {
	var f filters
	s.addStateFilters(&f, q, viewer)
	addTimeFilters(&f, q)
	addContentFilters(&f, q, viewer)
	addWordFilters(&f, q)
	f.add(func(m *store.Message) bool { return s.store.CanSee(viewer, m) })
	return f.match
}

// addStateFilters adds the filters by what has happened to a message.
func (s *Server) addStateFilters(f *filters, q *query, viewer string) {
	f.when(q.flag("unread"), func(m *store.Message) bool { return s.store.Unread(m, viewer) })
	f.when(q.flag("undelivered"), func(m *store.Message) bool {
		return m.SentTo(viewer) && m.Category != store.CategoryAction && m.Receipts[viewer].DeliveredAt == 0
	})
	f.when(q.flag("hideReplies"), func(m *store.Message) bool { return m.ParentID == "" })
	f.when(q.flag("hideDeleted"), func(m *store.Message) bool { return m.DeletedAt == 0 })
	f.when(q.flag("onlyDeleted"), func(m *store.Message) bool { return m.DeletedAt != 0 })
	f.when(q.flag("pinned"), func(m *store.Message) bool { return m.PinnedAt != 0 })
	f.when(q.flag("saved"), func(m *store.Message) bool { return m.SavedBy[viewer] != 0 })
	f.when(q.flag("hasReactions"), func(m *store.Message) bool { return len(m.Reactions) > 0 })
	f.when(q.flag("onlyInteractionGoalCompleted"), func(m *store.Message) bool { return m.GoalCompleted(viewer) })
	f.when(q.flag("hideMessagesFromBlockedUsers"), func(m *store.Message) bool {
		return s.store.BlockedAt(viewer, m.Sender) == 0
	})
}

// addTimeFilters adds the filters by the times of a message.
func addTimeFilters(f *filters, q *query) {
	after, isAfter := q.count("updatedAt")
	f.when(isAfter, func(m *store.Message) bool { return m.UpdatedAt > int64(after) })
	f.when(q.flag("onlyUpdates"), isUpdated)
	from, isFrom := q.count("fromTimestamp")
	to, isTo := q.count("toTimestamp")
	f.when(isFrom, func(m *store.Message) bool { return m.SentAt >= int64(from) })
	f.when(isFrom && isTo, func(m *store.Message) bool { return m.SentAt <= int64(to) })
	for name, at := range map[string]func(*store.Message) int64{
		"sentAt":    func(m *store.Message) int64 { return m.SentAt },
		"editedAt":  func(m *store.Message) int64 { return m.EditedAt },
		"updatedAt": updatedAt,
	} {
		from, isFrom := q.count(name + "[from]")
		to, isTo := q.count(name + "[to]")
		f.when(isFrom, func(m *store.Message) bool { return at(m) != 0 && at(m) >= int64(from) })
		f.when(isTo, func(m *store.Message) bool { return at(m) != 0 && at(m) <= int64(to) })
	}
}

// isUpdated reports whether a message has changed since it was sent.
func isUpdated(m *store.Message) bool {
	return m.EditedAt != 0 || m.DeletedAt != 0 || m.UpdatedAt > m.SentAt
}

// updatedAt returns when a message last changed, or 0.
func updatedAt(m *store.Message) int64 {
	if isUpdated(m) {
		return m.UpdatedAt
	}
	return 0
}

var linkForm = regexp.MustCompile(`(?i)\b(https?://|www\.)\S`)

// addContentFilters adds the filters by what a message says.
func addContentFilters(f *filters, q *query, viewer string) {
	key := strings.ToLower(strings.TrimSpace(q.values.Get("searchKey")))
	f.when(key != "", func(m *store.Message) bool { return strings.Contains(strings.ToLower(textOf(m)), key) })
	f.when(q.flag("hasLinks"), func(m *store.Message) bool { return linkForm.MatchString(textOf(m)) })
	f.when(q.flag("hasMentions"), func(m *store.Message) bool { return len(m.Mentions()) > 0 })
	f.when(q.flag("myMentionsOnly"), func(m *store.Message) bool { return slices.Contains(m.Mentions(), viewer) })
	mentioned := q.words("mentionedUids")
	f.when(len(mentioned) > 0, func(m *store.Message) bool {
		return slices.ContainsFunc(m.Mentions(), func(uid string) bool { return containsFold(mentioned, uid) })
	})
	f.when(q.flag("hasAttachments"), func(m *store.Message) bool { return len(attachmentTypes(m)) > 0 })
	types := q.words("attachmentTypes", "image", "video", "audio", "file")
	f.when(len(types) > 0, func(m *store.Message) bool {
		return slices.ContainsFunc(attachmentTypes(m), func(t string) bool { return slices.Contains(types, t) })
	})
}

func textOf(m *store.Message) (text string) {
	_ = json.Unmarshal(m.Data["text"], &text) // a message without a text has the text ""
	return text
}

// attachmentTypes returns of what type each attachment of a message is.
func attachmentTypes(m *store.Message) (types []string) {
	var attachments []struct {
		MIMEType string `json:"mimeType"`
	}
	if raw := m.Data["attachments"]; len(raw) == 0 || json.Unmarshal(raw, &attachments) != nil {
		return nil
	}
	for _, a := range attachments {
		kind, _, _ := strings.Cut(a.MIMEType, "/")
		switch kind {
		case "image", "video", "audio":
			types = append(types, kind)
		case "":
			types = append(types, m.Type)
		default:
			types = append(types, "file")
		}
	}
	return types
}

// addWordFilters adds the filters by words, of which a message has to have one.
func addWordFilters(f *filters, q *query) {
	for names, of := range map[string]func(*store.Message) string{
		"category,categories": func(m *store.Message) string { return m.Category },
		"type,types":          func(m *store.Message) string { return m.Type },
		"sender,senders":      func(m *store.Message) string { return m.Sender },
		"receiverType":        func(m *store.Message) string { return m.ReceiverType },
		"conversationId":      func(m *store.Message) string { return m.ConversationID },
	} {
		var words []string
		for name := range strings.SplitSeq(names, ",") {
			words = append(words, q.words(name)...)
		}
		f.when(len(words) > 0, func(m *store.Message) bool { return containsFold(words, of(m)) })
	}
	tags := q.words("tags")
	f.when(len(tags) > 0, func(m *store.Message) bool {
		return slices.ContainsFunc(m.Tags, func(tag string) bool { return slices.Contains(tags, tag) })
	})
}
