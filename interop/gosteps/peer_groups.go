package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/cometchat-go/cometchat"
)

// doGroup makes a call about a group. The command has the name of the call in the JavaScript SDK and its arguments, as a list in JSON.
func (p *peer) doGroup(ctx context.Context, command string) error {
	var words []string
	if err := json.Unmarshal([]byte(command), &words); err != nil {
		return err
	}
	const most = 4 // the call, the guid, and two more
	words = append(words, make([]string, most)...)
	call, guid, uid, last := words[0], words[1], words[2], words[3]
	switch call {
	case "joinGroup":
		_, err := p.client.JoinGroup(ctx, guid, last)
		return err
	case "leaveGroup":
		return p.client.LeaveGroup(ctx, guid)
	case "deleteGroup":
		return p.client.DeleteGroup(ctx, guid)
	case "addMembersToGroup":
		outcomes, err := p.client.AddGroupMembers(ctx, guid, cometchat.NewGroupMembers{Participants: []string{uid}})
		if err != nil {
			return err
		}
		return outcomes[uid]
	case "kickGroupMember":
		return p.client.KickGroupMember(ctx, guid, uid)
	case "banGroupMember":
		return p.client.BanGroupMember(ctx, guid, uid)
	case "unbanGroupMember":
		return p.client.UnbanGroupMember(ctx, guid, uid)
	case "updateGroupMemberScope":
		return p.client.UpdateGroupMemberScope(ctx, guid, uid, last)
	case "transferGroupOwnership":
		return p.client.TransferGroupOwnership(ctx, guid, uid)
	}
	return fmt.Errorf("there is no call %q", call)
}
