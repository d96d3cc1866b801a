package cometchattest

import (
	"encoding/json"
	"slices"
	"strings"
)

// announce tells those who subscribed to it that a user has come online or gone offline.
func (s *Server) announce(u *user, action string) {
	raw, err := json.Marshal(map[string]any{"action": action, "user": liveUser{u, action}, "timestamp": s.time().Unix()})
	if err != nil {
		return // a test gave the user metadata that is no JSON
	}
	raw, _ = json.Marshal(frame{AppID: s.AppID, Type: "presence", Sender: u.UID, Body: raw}) // it is JSON already
	for k := range s.sockets {
		if k.token != nil && s.subscribed(k, u) {
			k.sendRaw(raw)
		}
	}
}

// liveUser is a user as live connections are told of one: in the words of the client SDKs.
type liveUser struct {
	*user
	Status string `json:"status"`
}

func (s *Server) subscribed(k *socket, u *user) bool {
	if k.user.UID == u.UID || s.relations.strangers(k.user.UID, u.UID) {
		return false
	}
	switch k.presence {
	case "ALL_USERS":
		return true
	case "ROLES":
		return containsFold(k.roles, u.Role)
	case "FRIENDS":
		return s.relations.friends[k.user.UID][u.UID]
	}
	return false
}

func (s *Server) liveStatus(u *user) string {
	if s.connected(u.UID) {
		return online
	}
	return offline
}

// containsFold compares as the server does ids: without regard to case.
func containsFold(ids []string, id string) bool {
	return slices.ContainsFunc(ids, func(other string) bool { return strings.EqualFold(other, id) })
}
