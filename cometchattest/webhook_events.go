package cometchattest

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/cometchat-go/cometchat/internal/lenient"
)

// The functions below report what happens in the app to the webhooks. Their callers hold s.mu.

func (s *Server) userJSON(uid string) json.RawMessage { return s.store.UserEntity(uid, "").Entity }

func (s *Server) usersJSON(uids []string) map[string]json.RawMessage {
	users := map[string]json.RawMessage{}
	for _, uid := range uids {
		users[uid] = s.userJSON(uid)
	}
	return users
}

func (s *Server) reportMessage(trigger string, m *store.Message) {
	s.report(trigger, func() any { return map[string]any{"message": s.store.View(m, "", store.ViewOptions{Tags: true})} })
}

// reportAction reports an edit or a deletion by its action message. As in the documentation, it does not have whom the message is for.
func (s *Server) reportAction(trigger string, action *store.Message) {
	s.report(trigger, func() any {
		view, entities := s.store.View(action, "", store.ViewOptions{Tags: true}), map[string]json.RawMessage{}
		_ = json.Unmarshal(view.Data["entities"], &entities) // the store has written them
		delete(entities, "for")
		view.Data["entities"], _ = lenient.Marshal(entities)
		return map[string]any{"message": view}
	})
}

// reportMentions reports a message that mentions a user, unless it mentioned the user before.
func (s *Server) reportMentions(m *store.Message, before []string) {
	if slices.ContainsFunc(m.Mentions(), func(uid string) bool { return s.store.User(uid) != nil && !slices.Contains(before, uid) }) {
		s.reportMessage("user_mentioned", m)
	}
}

// reportModeration reports a decision. A message that was disapproved is approved by a person.
func (s *Server) reportModeration(m *store.Message, before string) {
	trigger := map[string]string{
		cometchat.ModerationApproved: "moderation_engine_approved", cometchat.ModerationDisapproved: "moderation_engine_blocked",
	}[moderationOf(m)]
	switch {
	case trigger == "":
	case trigger == "moderation_engine_approved" && before == cometchat.ModerationDisapproved:
		s.report("moderation_manual_approved", func() any {
			return map[string]any{"message": s.store.View(m, "", store.ViewOptions{Tags: true}), "moderation": []any{}, "reviewed": true}
		})
	default:
		s.reportMessage(trigger, m)
	}
}

func moderationOf(m *store.Message) string {
	var moderation struct {
		Status string `json:"status"`
	}
	_ = json.Unmarshal(m.Data["moderation"], &moderation) // the store has written it; or it is missing
	return moderation.Status
}

// reportReceipt reports that a message of a conversation has reached the user uid, or that uid has read it.
func (s *Server) reportReceipt(c *store.Conversation, action, uid string, number int) {
	m := s.store.Message(strconv.Itoa(number))
	trigger := map[string]string{"read": "message_read_receipt", "delivered": "message_delivery_receipt"}[action]
	if m == nil || m.ConversationID != c.ID || trigger == "" {
		return
	}
	s.report(trigger, func() any {
		receiver, kind := c.Other(uid), "user"
		if c.GUID != "" {
			receiver, kind = c.GUID, "group"
		}
		return map[string]any{
			"receiver": receiver, "receiverType": kind, "type": "receipts", "sender": uid, "messageSender": m.Sender,
			"body": s.receiptBody(action, uid, number),
		}
	})
}

// reportConnection reports that a live connection begins ("connected") or ends ("disconnected").
func (s *Server) reportConnection(action string, k *socket, presenceChanged bool) {
	s.report("user_connection_status_changed", func() any {
		status := store.Offline
		if s.store.Connected(k.token.UID) {
			status = online
		}
		return map[string]any{
			"timestamp": s.time().UnixMilli(), "user": s.userJSON(k.token.UID), "status": status, "userPresenceChanged": presenceChanged,
			"currentConnection": map[string]any{
				"action": action, "platform": cmp.Or(k.token.Device.Platform, "javascript"), "connectedAt": k.since.UnixMilli(),
			},
		}
	})
}

// reportBlocked reports which users the user by has blocked, or unblocked.
func (s *Server) reportBlocked(trigger, by string, results map[string]uidResult) {
	if uids := succeeded(results); len(uids) > 0 {
		s.report(trigger, func() any { return map[string]any{"users": s.usersJSON(uids), "by": s.userJSON(by)} })
	}
}

// succeeded returns the uids, in the form of the store, for which a call has succeeded.
func succeeded(results map[string]uidResult) (uids []string) {
	for uid, result := range results {
		if result.Success {
			uids = append(uids, strings.ToLower(uid))
		}
	}
	return uids
}

func (s *Server) reportGroup(trigger string, g *store.Group) {
	s.report(trigger, func() any { return map[string]any{"group": s.store.ViewGroup(g, "")} })
}

func (s *Server) reportCreation(g *store.Group) {
	s.report("group_created", func() any {
		members := s.usersJSON(slices.Collect(maps.Keys(g.Members)))
		return map[string]any{"group": s.store.ViewGroup(g, ""), "members": members}
	})
}

func (s *Server) reportOwner(g *store.Group, oldOwner string) {
	s.report("group_owner_transferred", func() any {
		return map[string]any{"group": struct {
			*store.GroupView
			OldOwner string `json:"oldOwner"`
		}{s.store.ViewGroup(g, ""), oldOwner}}
	})
}

// reportMembers reports a change of the members uids by a user, by [store.System], or by themselves if by is empty. The group counts as
// changed: a joining, for one, has no other time.
func (s *Server) reportMembers(action string, g *store.Group, by string, uids ...string) {
	s.reportMemberData(action, g, by, func() any { return s.usersJSON(uids) })
}

func (s *Server) reportScope(g *store.Group, by, uid, oldScope string) {
	s.reportMemberData("scope_changed", g, by, func() any {
		member := map[string]any{}
		_ = json.Unmarshal(s.userJSON(uid), &member) // the store has written it
		member["scope"], member["oldScope"] = g.Members[uid].Scope, oldScope
		return map[string]any{uid: member}
	})
}

func (s *Server) reportMemberData(action string, g *store.Group, by string, members func() any) {
	s.report("group_member_"+action, func() any {
		group := s.store.ViewGroup(g, "")
		group.UpdatedAt = s.time().Unix()
		fields := map[string]any{"group": group, "members": members()}
		if by != "" {
			fields["by"] = s.userJSON(by)
		}
		return fields
	})
}
