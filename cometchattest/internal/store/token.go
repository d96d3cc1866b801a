package store

import (
	"bytes"
	"encoding/json"
)

// Token is an auth token in the form of the REST API's answers.
type Token struct {
	UID       string `json:"uid"`
	AuthToken string `json:"authToken"`
	CreatedAt int64  `json:"createdAt"`
	Device    Device `json:"-"`
}

// Device is what a client says about its installation.
type Device struct {
	Platform  string `json:"platform,omitempty"`
	UserAgent string `json:"userAgent,omitempty"`
	AppInfo   string `json:"appInfo,omitempty"` // an object as JSON text, as lists of tokens show it
}

// DeviceFields are the fields of a request that describes a device. A nil field was absent or null.
type DeviceFields struct {
	Platform  *string          `json:"platform"`
	UserAgent *string          `json:"userAgent"`
	AppInfo   *json.RawMessage `json:"appInfo"`
}

// Check returns what is wrong with the fields.
func (f *DeviceFields) Check() FieldErrors {
	errs := FieldErrors{}
	if f.AppInfo != nil && (*f.AppInfo)[0] != '{' {
		errs.Add("appInfo", "must be an object.")
	}
	return errs
}

// update sets the fields that were sent.
func (d *Device) update(f *DeviceFields) {
	if f.Platform != nil {
		d.Platform = *f.Platform
	}
	if f.AppInfo != nil {
		// The official SDKs send their user agent inside of appInfo.
		var info struct {
			UserAgent any `json:"userAgent"`
		}
		_ = json.Unmarshal(*f.AppInfo, &info) // it is an object
		if agent, ok := info.UserAgent.(string); ok {
			d.UserAgent = agent
		}
		var text bytes.Buffer
		_ = json.Compact(&text, *f.AppInfo) // it is JSON
		d.AppInfo = text.String()
	}
	if f.UserAgent != nil {
		d.UserAgent = *f.UserAgent
	}
}
