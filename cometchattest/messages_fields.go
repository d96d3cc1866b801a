package cometchattest

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

const (
	// maxText is how many characters the text of a message may have, and all of its data.
	maxText     = 1 << 16
	maxMentions = 10
)

// messageFields is the body of a request that sends a message. Fields that repeat those in Data, as the official SDK sends them,
// are ignored.
type messageFields struct {
	Receiver     string                     `json:"receiver"`
	ReceiverType string                     `json:"receiverType"`
	Many         *receivers                 `json:"multipleReceivers"` // of a server, in place of the receiver
	Category     string                     `json:"category"`
	Type         string                     `json:"type"`
	MUID         string                     `json:"muid"`
	Tags         []string                   `json:"tags"`
	Data         map[string]json.RawMessage `json:"data"`
	ParentID     idText                     `json:"parentMessageId"`
	QuotedID     idText                     `json:"quotedMessageId"`
}

// idText is the id of a message, which a body may have as a number or as a text. "" means none, as null and 0 do.
type idText string

func (id *idText) UnmarshalJSON(raw []byte) error {
	var text string
	var number json.Number
	switch {
	case json.Unmarshal(raw, &text) == nil:
		*id = idText(text)
	case json.Unmarshal(raw, &number) == nil:
		*id = idText(number)
	default:
		return errors.New("must be the id of a message")
	}
	if *id == "0" {
		*id = ""
	}
	return nil
}

// check refuses with the codes of the error guide. It drops the data that only the server sets.
func (f *messageFields) check() error {
	f.dropReserved()
	if err := f.checkForm(); err != nil {
		return err
	}
	switch {
	case f.Receiver == "":
		return refuseMessage("ERR_EMPTY_RECEIVER", "The receiver is missing.")
	case f.ReceiverType != "user" && f.ReceiverType != "group":
		return refuseMessage("ERR_INVALID_RECEIVER_TYPE", "The receiverType has to be user or group.")
	case f.Category == "":
		return refuseMessage("ERR_EMPTY_MESSAGE_CATEGORY", "The category is missing.")
	case f.Category != "message" && f.Category != "custom" && f.Category != store.CategoryInteractive:
		return refuseMessage("ERR_INVALID_MESSAGE_CATEGORY", "The category has to be message, custom or interactive.")
	case f.Type == "":
		return refuseMessage("ERR_EMPTY_MESSAGE_TYPE", "The type is missing.")
	}
	return f.checkContent()
}

func refuseMessage(code, message string) error {
	return refuse(http.StatusBadRequest, code, "%s", message)
}

// dropReserved drops what the server adds to the data: an SDK sends a message back that it has read.
func (f *messageFields) dropReserved() {
	for _, key := range []string{"entities", "mentions", "reactions", "moderation", "resource", "interactions"} {
		delete(f.Data, key)
	}
}

// checkForm refuses tags and data of the wrong form.
func (f *messageFields) checkForm() error {
	errs := store.FieldErrors{}
	errs.CheckTags(f.Tags)
	text := ""
	if raw := f.Data["text"]; len(raw) > 0 && json.Unmarshal(raw, &text) != nil {
		errs.Add("data.text", "must be a text, not "+store.Kind(raw)+".")
	}
	if len(store.MentionsIn(text)) > maxMentions {
		errs.Add("data.text", "mentions more than 10 users.")
	}
	if err := refuseFields(errs); err != nil {
		return err
	}
	size := 0
	for key, value := range f.Data {
		size += len(key) + utf8.RuneCount(value)
	}
	switch metadata := f.Data["metadata"]; {
	case len(metadata) > 0 && metadata[0] != '{' && metadata[0] != 'n' && string(metadata) != "[]": // [] is an empty object of PHP
		return refuseMessage("ERR_INVALID_METADATA", "The metadata has to be an object.")
	case utf8.RuneCountInString(text) > maxText:
		return refuseMessage("ERR_INVALID_MESSAGE_TEXT", "The text is longer than 65,536 characters.")
	case size > maxText+len("text")+len(`""`): // a text of the full length may be there
		return refuseMessage("ERR_INVALID_MESSAGE_DATA", "The data is longer than 65,536 characters.")
	}
	return nil
}

// checkContent refuses a message without what its category and type need.
func (f *messageFields) checkContent() error {
	var text string
	_ = json.Unmarshal(f.Data["text"], &text) // checkForm has checked it
	isObject := func(key string) bool { raw := f.Data[key]; return len(raw) > 0 && raw[0] == '{' }
	isNone := func(key string) bool { raw := f.Data[key]; return len(raw) == 0 || raw[0] == 'n' }
	switch {
	case f.Category == "custom" && isNone("customData"):
		return refuseMessage("ERR_EMPTY_CUSTOM_DATA", "The customData is missing.")
	case f.Category == "custom" && !isObject("customData"):
		return refuseMessage("ERR_INVALID_CUSTOM_DATA", "The customData has to be an object.")
	case f.Category == store.CategoryInteractive && !isObject("interactiveData"):
		return refuseMessage("ERR_INVALID_MESSAGE_DATA", "The interactiveData has to be an object.")
	case f.Category != "message":
		return nil
	case f.Type == "text" && strings.TrimSpace(text) == "":
		return refuseMessage("ERR_EMPTY_MESSAGE_TEXT", "The text is missing.")
	case f.Data == nil:
		return refuseMessage("ERR_INVALID_MESSAGE_DATA", "The data is missing.")
	case f.Type == "text":
		return nil
	case f.Type != "image" && f.Type != "video" && f.Type != "audio" && f.Type != "file":
		return refuseMessage("ERR_INVALID_MESSAGE_TYPE", "The type has to be text, image, video, audio or file.")
	}
	return f.checkMedia()
}

// checkMedia refuses a media message without a file, and sets data.url to the first one.
func (f *messageFields) checkMedia() error {
	var attachments []struct{ URL string }
	raw, url := f.Data["attachments"], ""
	if len(raw) > 0 && json.Unmarshal(raw, &attachments) != nil {
		return refuseMessage("ERR_INVALID_MEDIA_MESSAGE", "The attachments have to be a list of objects, each with a url.")
	}
	for _, a := range attachments {
		if a.URL == "" {
			return refuseMessage("ERR_INVALID_MEDIA_MESSAGE", "An attachment has no url.")
		}
	}
	if len(attachments) > 0 {
		f.Data["url"], _ = json.Marshal(attachments[0].URL) // a string always marshals
		return nil
	}
	if json.Unmarshal(f.Data["url"], &url) != nil || url == "" {
		return refuseMessage("ERR_EMPTY_MESSAGE_FILE", "The message has no file.")
	}
	return nil
}

// checkChanged refuses an edit that would leave m without what its category and type need.
func (f *messageFields) checkChanged(m *store.Message) error {
	if err := f.checkForm(); err != nil {
		return err
	}
	changed := messageFields{Category: m.Category, Type: m.Type, Data: map[string]json.RawMessage{}}
	for _, values := range []map[string]json.RawMessage{m.Data, f.Data} {
		maps.Copy(changed.Data, values)
	}
	if err := changed.checkContent(); err != nil {
		return err
	}
	if changed.Data["url"] != nil && f.Data["attachments"] != nil {
		f.Data["url"] = changed.Data["url"]
	}
	return nil
}
