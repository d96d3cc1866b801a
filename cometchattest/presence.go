package cometchattest

import (
	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/cometchat-go/cometchat/internal/lenient"
)

// online is the word of live connections for a user who is connected. The REST API has store.Available instead.
const online = "online"

// liveUser is a user in the form of live connections.
type liveUser struct {
	*store.User
	Status string `json:"status"`
}

// announce sends a presence event to the users who subscribed to it: u is online, or store.Offline.
func (s *Server) announce(u *store.User, status string) {
	body, err := lenient.Marshal(map[string]any{"action": status, "user": liveUser{u, status}, "timestamp": s.time().Unix()})
	if err != nil {
		return // AddUser takes metadata that is not JSON
	}
	raw := (&frame{AppID: s.AppID, Type: "presence", Sender: u.UID, Body: body}).encode() // once for all connections
	for k := range s.sockets {
		if k.token != nil && s.subscribed(k, u) {
			k.sendRaw(raw)
		}
	}
}

func (s *Server) subscribed(k *socket, u *store.User) bool {
	uid := k.token.UID
	if uid == u.UID || s.store.EitherBlocked(uid, u.UID) {
		return false
	}
	switch k.presence {
	case "ALL_USERS":
		return true
	case "ROLES":
		return containsFold(k.roles, u.Role)
	case "FRIENDS":
		return s.store.Friends(uid, u.UID)
	}
	return false
}
