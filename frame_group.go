package cometchat

import "cmp"

// actionInvited is an action that the JavaScript SDK tells as a join.
const actionInvited = "invited"

// memberEvent returns the event of an action message about a member of a group; nil if it does not say which member and group, or
// if this version does not know the action.
func memberEvent(m *Message) Event {
	a := m.Action
	e := GroupMemberChanged{Action: MemberAction(a.Action), Member: a.OnUser, By: a.By, Group: a.ForGroup, Message: m}
	switch e.Action {
	case MemberAdded, MemberKicked, MemberBanned, MemberUnbanned:
	case MemberJoined, MemberLeft:
		e.Member = cmp.Or(e.Member, e.By)
	case MemberScopeChanged:
		e.OldScope, e.NewScope = a.OldScope, a.NewScope
	case actionInvited:
		e.Action = MemberJoined
	default:
		return nil
	}
	if e.Group == nil {
		e.Group = m.group()
	}
	if e.Member == nil || e.Group == nil {
		return nil
	}
	if e.By == nil && m.Sender.UID != "" {
		e.By = m.Sender
	}
	return e
}

// group returns the group that m was sent to; nil if it was sent to a user.
func (m *Message) group() *Group {
	switch {
	case m.ReceiverGroup != nil:
		return m.ReceiverGroup
	case m.Receiver.IsGroup() && m.Receiver.ID != "":
		return &Group{GUID: m.Receiver.ID}
	}
	return nil
}
