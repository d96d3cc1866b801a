package cometchat

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"
)

// Version is the version of this package.
const Version = "0.1.0"

// The names of the SDK on the wire, in the form that the official SDKs use.
const (
	platform   = "GO"
	sdkName    = "go@" + Version
	appVersion = "v" + Version
	userAgent  = "cometchat-go/" + Version
	apiVersion = "v3.0"
)

// loginBody is the body of every login: it describes this installation to the server.
type loginBody struct {
	Platform string  `json:"platform"`
	DeviceID string  `json:"deviceId"`
	AppInfo  appInfo `json:"appInfo"`
}

type appInfo struct {
	Version    string `json:"version"`
	APIVersion string `json:"apiVersion"`
	UserAgent  string `json:"userAgent"`
}

func newLoginBody(deviceID string) loginBody {
	return loginBody{platform, deviceID, appInfo{appVersion, apiVersion, userAgent}}
}

// newResource returns the name of a client, in the JavaScript SDK's form: GO-1_0_0-{uuid}-{milliseconds}.
func newResource() string {
	return platform + "-" + strings.ReplaceAll(Version, ".", "_") + "-" + newInstanceID("-")
}

// newInstanceID returns a random UUID, sep, and the time in milliseconds: the form of the JavaScript SDK's ids.
func newInstanceID(sep string) string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x%s%d", b[:4], b[4:6], b[6:8], b[8:10], b[10:], sep, time.Now().UnixMilli())
}
