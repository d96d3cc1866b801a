package cometchat

import "time"

// authFrame is the first frame on a socket.
type authFrame struct {
	AppID    string   `json:"appId"`
	DeviceID string   `json:"deviceId"` // the client's resource; the device's own id is in params
	Type     string   `json:"type"`
	Sender   string   `json:"sender"`
	Body     authBody `json:"body"`
}

type authBody struct {
	Auth     string     `json:"auth"`
	DeviceID string     `json:"deviceId"`
	Presence string     `json:"presenceSubscription,omitempty"`
	Roles    []string   `json:"roles,omitempty"`
	Params   authParams `json:"params"`
}

type authParams struct {
	AppInfo struct {
		Version    string `json:"version"`
		APIVersion string `json:"apiVersion"`
		UTS        int64  `json:"uts"` // milliseconds
	} `json:"appInfo"`
	UserAgent string `json:"userAgent"`
	DeviceID  string `json:"deviceId"`
	Platform  string `json:"platform"`
}

// newAuthFrame makes the auth frame of a session.
func newAuthFrame(s *Session, resource string, presence Presence) *authFrame {
	f := &authFrame{AppID: s.AppID, DeviceID: resource, Type: "auth", Sender: s.User.UID}
	f.Body = authBody{Auth: s.JWT, DeviceID: resource, Presence: presence.subscription, Roles: presence.roles}
	f.Body.Params = authParams{UserAgent: userAgent, DeviceID: s.DeviceID, Platform: platform}
	f.Body.Params.AppInfo.Version, f.Body.Params.AppInfo.APIVersion = Version, apiVersion
	f.Body.Params.AppInfo.UTS = time.Now().UnixMilli()
	return f
}
