package cometchattest

import (
	"strings"

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
	s.sendPresence(u, status, "", func(k *socket) bool { return k.token.UID != u.UID })
}

// announceDevice tells a user's other devices that the user is online with one more.
func (s *Server) announceDevice(device *socket) {
	s.sendPresence(s.store.User(device.token.UID), online, device.deviceID, func(k *socket) bool {
		return k.token.UID == device.token.UID && k.deviceID != device.deviceID
	})
}

// sendPresence sends a presence event to those of the selected connections that subscribed to it.
func (s *Server) sendPresence(u *store.User, status, device string, selects func(*socket) bool) {
	body, err := lenient.Marshal(map[string]any{"action": status, "user": liveUser{u, status}, "timestamp": s.time().Unix()})
	if err != nil {
		return // AddUser takes metadata that is not JSON
	}
	raw := (&frame{AppID: s.AppID, DeviceID: device, Type: "presence", Sender: u.UID, Body: body}).encode() // once for all
	for k := range s.sockets {
		if k.token != nil && selects(k) && s.subscribed(k, u) {
			k.sendRaw(raw)
		}
	}
}

func (s *Server) subscribed(k *socket, u *store.User) bool {
	uid := k.token.UID
	if s.store.EitherBlocked(uid, u.UID) {
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

// onlineMembers counts the users who have a live connection, and those of the members of each group in the body.
func (s *Server) onlineMembers(c *call) (*envelope, error) {
	var f struct {
		Groups []string `json:"groups"`
	}
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	counts := map[string]any{"onlineUsersCount": s.store.OnlineUsers()}
	if f.Groups != nil {
		groups := map[string]int{}
		for _, guid := range f.Groups {
			groups[guid] = 0
			if g := s.store.Group(strings.ToLower(guid)); g != nil {
				groups[guid] = s.store.OnlineMembers(g)
			}
		}
		counts["groups"] = groups
	}
	return data(counts), nil
}
