package cometchat

import (
	"bytes"
	"cmp"
	"encoding/json"
	"mime"
	"strings"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/cometchat-go/cometchat/internal/rest"
)

// The documented limits of a message to send.
const (
	maxMUIDLength   = 100
	maxFileName     = 255
	defaultMaxFiles = 10
)

// checkOutgoing checks a message and makes what is sent of it. maxFiles is how many files it may have.
func checkOutgoing(op string, m *OutgoingMessage, maxFiles int) (*outgoing, error) {
	if m == nil {
		return nil, newError(op, ErrMissingParameters, "the message is nil")
	}
	if err := checkReceiver(op, m.To); err != nil {
		return nil, err
	}
	return m.checked(op, maxFiles, nil)
}

// checkOutgoingToMany is checkOutgoing for a message that goes to many receivers.
func checkOutgoingToMany(op string, m *OutgoingMessage, to []Receiver) (*outgoing, error) {
	switch {
	case m == nil:
		return nil, newError(op, ErrMissingParameters, "the message is nil")
	case len(to) == 0:
		return nil, newError(op, ErrMissingParameters, "there are no receivers")
	case m.To != Receiver{}:
		return nil, badArgument(op, codeReceiverID, "the message has a receiver of its own: leave To empty")
	case m.ParentID != "":
		return nil, newError(op, ErrBadRequest, "a reply cannot go to many receivers: its thread is in one conversation")
	case len(m.Files) > 0:
		return nil, badArgument(op, codeMediaObject, "files cannot go to many receivers: give attachments, which are at a URL already")
	}
	many := &wireReceivers{UIDs: []string{}, GUIDs: []string{}}
	for _, r := range to {
		if err := checkReceiver(op, r); err != nil {
			return nil, err
		}
		if r.IsGroup() {
			many.GUIDs = append(many.GUIDs, r.ID)
		} else {
			many.UIDs = append(many.UIDs, r.ID)
		}
	}
	return m.checked(op, defaultMaxFiles, many)
}

// checked checks all of a message but its receiver, and makes what is sent of it. many are its receivers, if there are many.
func (m *OutgoingMessage) checked(op string, maxFiles int, many *wireReceivers) (*outgoing, error) {
	if err := m.checkIDs(op); err != nil {
		return nil, err
	}
	if err := m.checkKind(op, maxFiles); err != nil {
		return nil, err
	}
	if err := m.checkText(op); err != nil {
		return nil, err
	}
	if err := checkMessageTags(op, m.Tags); err != nil {
		return nil, err
	}
	if err := checkMetadata(op, m.Metadata); err != nil {
		return nil, err
	}
	custom, interactive, err := m.objects(op)
	if err != nil {
		return nil, err
	}
	data, err := lenient.Marshal(m.data(custom, interactive))
	if err != nil {
		return nil, newError(op, ErrBadRequest, "the message cannot be written as JSON")
	}
	out, body := m.write(cmp.Or(m.MUID, newMUID()), data, many)
	if err := checkMessageSize(op, body); err != nil {
		return nil, err
	}
	return out, nil
}

// checkIDs checks the ids of other messages, and the message's own.
func (m *OutgoingMessage) checkIDs(op string) error {
	for _, id := range []struct{ name, value string }{{"parent", m.ParentID}, {"quoted", m.QuotedMessageID}} {
		if id.value != "" && !isMessageID(id.value) {
			return badArgument(op, codeMessageID, "the id of the %s message has to be digits", id.name)
		}
	}
	if flaw := textFlaw(m.MUID, maxMUIDLength); flaw != "" {
		return newError(op, ErrBadRequest, "the MUID %s", flaw)
	}
	return nil
}

// checkKind refuses a message without what its category needs, or with what belongs to another category.
func (m *OutgoingMessage) checkKind(op string, maxFiles int) error {
	kind, files := m.kind(), len(m.Attachments)+len(m.Files)
	switch {
	case kind != CategoryMessage && kind != CategoryCustom && kind != CategoryInteractive:
		return newError(op, ErrBadRequest, "the category %.50q cannot be sent, only %s, %s and %s", kind, CategoryMessage, CategoryCustom,
			CategoryInteractive)
	case m.CustomData != nil && kind != CategoryCustom:
		return badArgument(op, codeCustomData, "only a custom message has custom data: send it as a message of its own")
	case m.InteractiveData != nil && kind != CategoryInteractive:
		return newError(op, ErrBadRequest, "only an interactive message has interactive data: send it as a message of its own")
	case files > 0 && (kind != CategoryMessage || m.Type == TypeText):
		return badArgument(op, codeMediaObject, "only a media message has files: send them as a message of their own")
	case kind == CategoryInteractive && m.Text != "":
		return badArgument(op, codeMessageText, "an interactive message has no text: put the text into its data")
	case kind != CategoryMessage && strings.TrimSpace(m.Type) == "":
		return newError(op, ErrMissingParameters, "the type of the %s message is missing", kind)
	}
	if flaw := textFlaw(m.Type, maxNameLength); flaw != "" {
		return newError(op, ErrBadRequest, "the type %s", flaw)
	}
	if kind == CategoryMessage && m.isMedia() {
		return m.checkFiles(op, maxFiles)
	}
	return nil
}

func (m *OutgoingMessage) checkFiles(op string, maxFiles int) error {
	switch files := len(m.Attachments) + len(m.Files); {
	case files == 0:
		return badArgument(op, codeMediaObject, "the message has neither files nor attachments")
	case files > maxFiles:
		return badArgument(op, codeFileCount, "the message has %d files, more than %d", files, maxFiles)
	case len(m.Attachments) > 0 && len(m.Files) > 0:
		return badArgument(op, codeMediaObject, "the message has both files and attachments: upload the files with UploadFile first")
	}
	for i := range m.Attachments {
		if flaw := m.Attachments[i].flaw(); flaw != "" {
			return badArgument(op, codeMediaObject, "attachment %d %s", i, flaw)
		}
	}
	for i := range m.Files {
		if flaw := m.Files[i].flaw(); flaw != "" {
			return badArgument(op, codeMediaObject, "file %d %s", i, flaw)
		}
	}
	return nil
}

// flaw says what is wrong with an attachment to send; "" if nothing is.
func (a *Attachment) flaw() string {
	switch {
	case strings.TrimSpace(a.URL) == "":
		return "has no URL"
	case textFlaw(a.URL, maxURLLength) != "":
		return "has a URL that " + textFlaw(a.URL, maxURLLength)
	}
	return ""
}

// flaw says what is wrong with a file to send; "" if nothing is.
func (f *File) flaw() string {
	switch {
	case f.Reader == nil:
		return "has no reader"
	case f.Size < 0:
		return "has a negative size"
	case textFlaw(f.Name, maxFileName) != "":
		return "has a name that " + textFlaw(f.Name, maxFileName)
	}
	if size, known := rest.Size(f.Reader); known && size == 0 {
		return "is empty, or its reader is at the end"
	}
	if _, _, err := mime.ParseMediaType(f.mimeType()); err != nil || textFlaw(f.Type, maxFileName) != "" {
		return "has a type that is no MIME type, as in image/png"
	}
	return ""
}

// checkText checks the text of a message, or what comes with it.
func (m *OutgoingMessage) checkText(op string) error {
	if m.kind() == CategoryMessage && !m.isMedia() && strings.TrimSpace(m.Text) == "" {
		return badArgument(op, codeMessageText, "the text is missing")
	}
	return checkMessageText(op, m.Text)
}

// objects returns the custom data and the interactive data as JSON objects; nil for those that the message must not have.
func (m *OutgoingMessage) objects(op string) (custom, interactive json.RawMessage, err error) {
	switch m.kind() {
	case CategoryCustom:
		if m.CustomData == nil {
			return nil, nil, badArgument(op, codeCustomData, "the custom data is missing")
		}
		custom, err = lenient.Marshal(m.CustomData)
		if err != nil || !isObject(custom) || bytes.Equal(custom, []byte("{}")) {
			return nil, nil, badArgument(op, codeCustomData, "the custom data is not a JSON object with at least one key")
		}
	case CategoryInteractive:
		if m.InteractiveData == nil {
			return nil, nil, newError(op, ErrMissingParameters, "the interactive data is missing")
		}
		interactive, err = lenient.Marshal(m.InteractiveData)
		if err != nil || !isObject(interactive) {
			return nil, nil, newError(op, ErrBadRequest, "the interactive data is not a JSON object")
		}
	}
	return custom, interactive, nil
}
