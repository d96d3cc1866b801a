package cometchat

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"mime"
	"path"
	"strings"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/cometchat-go/cometchat/internal/rest"
)

// OutgoingMessage is a message to send with [Client.SendMessage]. [NewTextMessage], [NewMediaMessage], [NewCustomMessage] and
// [NewInteractiveMessage] make one, to which any other field may be added. The fields that are set decide what kind of message it
// is: files make it a media message, CustomData a custom message, InteractiveData an interactive message, and otherwise it is a
// text. No call of the SDK changes an OutgoingMessage; change none while a call uses it.
type OutgoingMessage struct {
	// To is the user or the group that gets the message.
	To Receiver
	// Category and Type may stay empty: they follow from the other fields. The Type of a media message is then the kind of its first
	// file, by the file's MIME type: TypeImage, TypeVideo, TypeAudio or TypeFile. A custom or an interactive message needs a Type,
	// which is the app's own.
	Category, Type string
	// Text is the text, the caption of media, or the conversation text of a custom message. It has up to 65,536 characters, and
	// mentions up to 10 users; see [Mention].
	Text string
	// Attachments are files that are at a URL already, for example those of [Client.UploadFile]. Each needs its URL.
	Attachments []Attachment
	// Files are files to send with the message. A message has Attachments or Files, not both: upload the files first with
	// [Client.UploadFile] to send both. Together there are at most 10, or as many as the app's settings allow.
	Files []File
	// CustomData is what a custom message carries: a value that encoding/json writes as an object with at least one key, such as a
	// struct, a map or a json.RawMessage. SubType is the app's own.
	CustomData any
	SubType    string
	// UpdateConversation says whether a custom message becomes the conversation's last message; nil leaves it to the app's settings.
	// SendNotification says whether it is pushed.
	UpdateConversation *bool
	SendNotification   bool
	// InteractiveData is the form or the card of an interactive message: a value that encoding/json writes as an object.
	// InteractionGoal says when the interaction is complete; nil means GoalNone.
	InteractiveData        any
	InteractionGoal        *InteractionGoal
	AllowSenderInteraction bool
	// ParentID is the id of the message to whose thread this one is a reply; empty for a message outside of a thread.
	ParentID string
	// QuotedMessageID is the id of the message that this one quotes; empty for none.
	QuotedMessageID string
	// MUID identifies the message before it has an id: up to 100 characters, different for each message of the sender. By its MUID
	// the message is found when the server's answer is lost. SendMessage gives a message without MUID a random one, but then only
	// [Error.MUID] tells it.
	MUID string
	// Metadata is a JSON object of the app; nil for none.
	Metadata json.RawMessage
	// Tags are at most 25 texts of at most 100 characters.
	Tags []string
}

// File is a file to send with a message, or to upload with [Client.UploadFile].
type File struct {
	// Name is the file's name; empty means "blob", as in the JavaScript SDK.
	Name string
	// Type is the MIME type, as in "image/png"; empty means that of the name's extension, or "application/octet-stream".
	Type string
	// Size is the number of bytes that Reader has; a call fails when Reader has more or fewer. 0 means that the size is found by
	// seeking, or is unknown.
	Size int64
	// Reader has the content, which is read while it is sent and never held in memory. A Reader that is an [io.Seeker] too, such as
	// an *os.File, is read from where it stands, again if the request is retried, and stands there again when the call returns: so
	// the message can be sent again. Any other is read once. The SDK closes no Reader. When a call ends early, a Read that is
	// running may still finish.
	Reader io.Reader
}

// NewTextMessage returns a text message with a random MUID. It makes no request.
func NewTextMessage(to Receiver, text string) *OutgoingMessage {
	return &OutgoingMessage{To: to, Text: text, MUID: newMUID()}
}

// NewMediaMessage returns a message with files, and a random MUID. typ is TypeImage, TypeVideo, TypeAudio or TypeFile, or empty for
// the kind of the first file. For files that are at a URL already, pass no file and set [OutgoingMessage.Attachments]. It makes no
// request.
func NewMediaMessage(to Receiver, typ string, files ...File) *OutgoingMessage {
	return &OutgoingMessage{To: to, Category: CategoryMessage, Type: typ, Files: files, MUID: newMUID()}
}

// NewCustomMessage returns a custom message with a random MUID. typ is the app's own, "location" for example, and data a value that
// encoding/json writes as an object. It makes no request.
func NewCustomMessage(to Receiver, typ string, data any) *OutgoingMessage {
	return &OutgoingMessage{To: to, Category: CategoryCustom, Type: typ, CustomData: data, MUID: newMUID()}
}

// NewInteractiveMessage returns an interactive message with a random MUID. typ is "form", "card" or the app's own, and data a value
// that encoding/json writes as an object. It makes no request.
func NewInteractiveMessage(to Receiver, typ string, data any) *OutgoingMessage {
	return &OutgoingMessage{To: to, Category: CategoryInteractive, Type: typ, InteractiveData: data, MUID: newMUID()}
}

// Mention returns the text that mentions the user with this uid, "<@uid:ada>" for example, to be put into [OutgoingMessage.Text].
// [Message.Mentions] has the mentioned users.
func Mention(uid string) string { return mentionBegin + uid + ">" }

func newMUID() string { return rand.Text() }

// kind returns the category of m, by the fields that are set. The category and the type that the caller has set come first.
func (m *OutgoingMessage) kind() string {
	switch {
	case m.Category != "":
		return m.Category
	case m.CustomData != nil:
		return CategoryCustom
	case m.InteractiveData != nil:
		return CategoryInteractive
	}
	return CategoryMessage
}

// isMedia reports whether a message of CategoryMessage has files, or should have.
func (m *OutgoingMessage) isMedia() bool {
	return len(m.Attachments)+len(m.Files) > 0 || m.Type != "" && m.Type != TypeText
}

// messageType returns the type of m, which may be empty for what needs one of the app's own.
func (m *OutgoingMessage) messageType() string {
	switch {
	case m.Type != "" || m.kind() != CategoryMessage:
		return m.Type
	case len(m.Files) > 0:
		return mediaType(m.Files[0].mimeType())
	case len(m.Attachments) > 0:
		first := m.Attachments[0]
		return mediaType(mimeTypeOf(first.MimeType, first.Name))
	}
	return TypeText
}

// mediaType returns the type of a media message by the MIME type of its first file.
func mediaType(mimeType string) string {
	switch kind, _, _ := strings.Cut(strings.ToLower(mimeType), "/"); kind {
	case TypeImage, TypeVideo, TypeAudio:
		return kind
	}
	return TypeFile
}

func mimeTypeOf(given, name string) string {
	if given != "" {
		return given
	}
	if byName := mime.TypeByExtension(path.Ext(name)); byName != "" {
		return byName
	}
	return "application/octet-stream"
}

func (f *File) mimeType() string { return mimeTypeOf(f.Type, f.Name) }

func (f *File) name() string {
	if f.Name == "" {
		return "blob"
	}
	return f.Name
}

// form returns the file as a file of a form.
func (f *File) form(field string) rest.FormFile {
	return rest.FormFile{Field: field, Name: f.name(), ContentType: f.mimeType(), Size: f.Size, Reader: f.Reader}
}

// wireOutgoing is the documented body of a request that sends a message.
type wireOutgoing struct {
	Receiver        string          `json:"receiver,omitempty"`
	ReceiverType    string          `json:"receiverType,omitempty"`
	Many            *wireReceivers  `json:"multipleReceivers,omitempty"` // in place of the receiver
	Category        string          `json:"category"`
	Type            string          `json:"type"`
	Data            json.RawMessage `json:"data"`
	MUID            string          `json:"muid"`
	Tags            []string        `json:"tags,omitempty"`
	QuotedMessageID string          `json:"quotedMessageId,omitempty"`
}

// wireReceivers are the receivers of a message that goes to many.
type wireReceivers struct {
	UIDs  []string `json:"uids"`
	GUIDs []string `json:"guids"`
}

// outgoingData is the data of a message.
type outgoingData struct {
	Text                   string           `json:"text,omitempty"`
	Attachments            []Attachment     `json:"attachments,omitempty"`
	CustomData             json.RawMessage  `json:"customData,omitempty"`
	SubType                string           `json:"subType,omitempty"`
	UpdateConversation     *bool            `json:"updateConversation,omitempty"`
	SendNotification       bool             `json:"sendNotification,omitempty"`
	InteractiveData        json.RawMessage  `json:"interactiveData,omitempty"`
	InteractionGoal        *InteractionGoal `json:"interactionGoal,omitempty"`
	AllowSenderInteraction bool             `json:"allowSenderInteraction,omitempty"`
	Metadata               json.RawMessage  `json:"metadata,omitempty"`
}

// data returns the data of m, with its objects as JSON.
func (m *OutgoingMessage) data(custom, interactive json.RawMessage) *outgoingData {
	d := &outgoingData{Text: m.Text, Attachments: m.Attachments, Metadata: m.Metadata}
	switch m.kind() {
	case CategoryCustom:
		d.CustomData, d.SubType = custom, m.SubType
		d.UpdateConversation, d.SendNotification = m.UpdateConversation, m.SendNotification
	case CategoryInteractive:
		d.InteractiveData, d.AllowSenderInteraction = interactive, m.AllowSenderInteraction
		d.InteractionGoal = &InteractionGoal{Type: GoalNone, ElementIDs: []string{}}
		if goal := m.InteractionGoal; goal != nil {
			d.InteractionGoal.Type = goal.Type
			d.InteractionGoal.ElementIDs = append(d.InteractionGoal.ElementIDs, goal.ElementIDs...)
		}
	}
	return d
}

// outgoing is a message that has been checked, ready to be sent.
type outgoing struct {
	to             Receiver
	parentID, muid string
	body           []byte       // JSON; nil for a message with files
	form           *rest.Stream // nil for a message without files
}

// write makes the body, or the form, of a message whose data is JSON already.
func (m *OutgoingMessage) write(muid string, data json.RawMessage, many *wireReceivers) (*outgoing, []byte) {
	w := wireOutgoing{
		Receiver: m.To.ID, ReceiverType: m.To.Type, Many: many, Category: m.kind(), Type: m.messageType(), Data: data, MUID: muid,
		Tags: m.Tags, QuotedMessageID: m.QuotedMessageID,
	}
	body, _ := lenient.Marshal(&w) // texts and JSON always marshal
	out := &outgoing{to: m.To, parentID: m.ParentID, muid: muid, body: body}
	if len(m.Files) > 0 {
		out.body, out.form = nil, w.form(m.Files)
	}
	return out, body
}

// form returns the message with files, in the official SDK's form.
func (w *wireOutgoing) form(files []File) *rest.Stream {
	fields := []rest.Field{
		{Name: "type", Value: w.Type}, {Name: "receiverType", Value: w.ReceiverType}, {Name: "category", Value: w.Category},
		{Name: "data", Value: string(w.Data)}, {Name: "receiver", Value: w.Receiver}, {Name: "muid", Value: w.MUID},
	}
	for _, tag := range w.Tags {
		fields = append(fields, rest.Field{Name: "tags[]", Value: tag})
	}
	if w.QuotedMessageID != "" {
		fields = append(fields, rest.Field{Name: "quotedMessageId", Value: w.QuotedMessageID})
	}
	parts := make([]rest.FormFile, len(files))
	for i := range files {
		parts[i] = files[i].form("files[]")
	}
	return rest.NewForm(fields, parts)
}
