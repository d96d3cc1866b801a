package cometchattest

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"

	"github.com/cometchat-go/cometchat/internal/lenient"
)

const (
	// maxFileSize and maxFileCount are the documented limits of a file in bytes, and of the files of a message.
	maxFileSize  = 100 << 20
	maxFileCount = 10
	// maxFiles is how many bytes of uploaded files the server keeps. The newest file may be larger alone.
	maxFiles = 64 << 20
	// fileCost is what a kept file counts beside its content.
	fileCost = 1 << 10
)

// attachment is a file in the data of a message.
type attachment struct {
	URL       string `json:"url"`
	Name      string `json:"name"`
	MimeType  string `json:"mimeType,omitempty"`
	Extension string `json:"extension"`
	Size      int    `json:"size,omitempty"`
}

// storedFile is an uploaded file. Its key is the last segment of its URL, and its secret: whoever has the URL may read it.
type storedFile struct {
	key, contentType string
	content          []byte
}

// files are the uploaded files, the oldest first. Guarded by Server.mu.
type files struct {
	byKey map[string]*storedFile
	order []*storedFile
	bytes int // what they cost
}

// put adds a file, or replaces the file with its key, and drops the oldest files that are too many.
func (fs *files) put(f *storedFile) {
	if old := fs.byKey[f.key]; old != nil {
		fs.order = slices.DeleteFunc(fs.order, func(other *storedFile) bool { return other == old })
		fs.bytes -= len(old.content) + fileCost
	}
	if fs.byKey == nil {
		fs.byKey = map[string]*storedFile{}
	}
	fs.byKey[f.key], fs.order, fs.bytes = f, append(fs.order, f), fs.bytes+len(f.content)+fileCost
	for fs.bytes > maxFiles && len(fs.order) > 1 {
		oldest := fs.order[0]
		delete(fs.byKey, oldest.key)
		fs.order[0], fs.order = nil, fs.order[1:]
		fs.bytes -= len(oldest.content) + fileCost
	}
}

var extensionForm = regexp.MustCompile(`^[a-zA-Z0-9]{1,16}$`)

// newFileKey returns a key that nobody can guess, with the extension of a file's name.
func newFileKey(name string) string {
	key := rand.Text()
	if ext := extension(name); extensionForm.MatchString(ext) {
		key += "." + ext
	}
	return key
}

// extension returns the extension of a file's name, without the dot.
func extension(name string) string {
	ext := path.Ext(name)
	return ext[min(len(ext), 1):]
}

// origin returns the scheme and the host that the client has called.
func (c *call) origin() string {
	if c.r.TLS != nil {
		return "https://" + c.r.Host
	}
	return "http://" + c.r.Host
}

func (c *call) fileURL(key string) string { return c.origin() + "/v3.0/media/" + key }

// fileType returns the content type with which a file is served.
func fileType(contentType string) string {
	if media, params, err := mime.ParseMediaType(contentType); err == nil {
		return mime.FormatMediaType(media, params)
	}
	return "application/octet-stream"
}

// withUploads adapts a handler that sends the message of a JSON body: it takes the form too with which the client SDKs send
// files.
func withUploads(answer handler) handler {
	return func(s *Server, c *call) (*envelope, error) {
		if c.form == nil {
			return answer(s, c)
		}
		body, stored, err := c.form.message(c)
		if err != nil {
			return nil, err
		}
		send := *c
		send.body, send.form = body, nil
		sent, err := answer(s, &send)
		if err != nil {
			return nil, err
		}
		for _, f := range stored {
			s.files.put(f)
		}
		return sent, nil
	}
}

// message returns the JSON body of the message in a form, and the message's files, which are not kept yet.
func (f *form) message(c *call) (body []byte, stored []*storedFile, err error) {
	if f.wrong != "" {
		return nil, nil, refuse(http.StatusBadRequest, "ERR_BAD_REQUEST", "The body is not multipart/form-data: %s.", f.wrong)
	}
	fields := map[string]json.RawMessage{}
	if text := f.fields.Get("data"); text != "" && (json.Unmarshal([]byte(text), &fields) != nil || fields == nil) {
		return nil, nil, refuse(http.StatusBadRequest, "ERR_INVALID_MESSAGE_DATA", "The data is not a JSON object.")
	}
	set := func(name string, value any) { fields[name], _ = lenient.Marshal(value) } // texts and numbers always marshal
	if caption := f.fields.Get("caption"); caption != "" && len(fields["text"]) == 0 {
		set("text", caption)
	}
	attachments, stored, err := f.attachments(c, fields["url"])
	if err != nil {
		return nil, nil, err
	}
	if len(attachments) > 0 {
		set("url", attachments[0].URL)
		set("attachments", attachments)
	}
	message := map[string]any{"data": fields}
	for _, name := range []string{"type", "receiverType", "category", "receiver", "muid", "quotedMessageId", "parentMessageId"} {
		if value := f.fields.Get(name); value != "" {
			message[name] = value
		}
	}
	if tags := f.fields["tags[]"]; len(tags) > 0 {
		message["tags"] = tags
	}
	body, _ = lenient.Marshal(message) // the data was decoded
	return body, stored, nil
}

// attachments returns the attachments of a message, of its files or else of the URL in its data, as JSON.
func (f *form) attachments(c *call, rawURL json.RawMessage) (attachments []attachment, stored []*storedFile, err error) {
	for _, file := range f.files {
		if file.field != "files[]" {
			continue
		}
		if len(file.content) > maxFileSize {
			return nil, nil, tooLarge(file.name)
		}
		kept := &storedFile{newFileKey(file.name), fileType(file.contentType), file.content}
		stored = append(stored, kept)
		attachments = append(attachments, attachment{
			c.fileURL(kept.key), file.name, cmp.Or(file.contentType, kept.contentType), extension(file.name), len(file.content),
		})
	}
	var address string
	_ = json.Unmarshal(rawURL, &address) // anything else is not a URL
	isMedia := f.fields.Get("category") == "message" && f.fields.Get("type") != "text"
	switch {
	case len(stored) > maxFileCount:
		return nil, nil, tooMany()
	case len(stored) == 0 && address != "":
		name := path.Base(address)
		if u, err := url.Parse(address); err == nil {
			name = path.Base(u.Path)
		}
		return []attachment{{URL: address, Name: name, Extension: extension(name)}}, nil, nil
	case len(stored) == 0 && isMedia:
		return nil, nil, refuse(http.StatusBadRequest, "ERR_EMPTY_MESSAGE_FILE", "The file is missing.")
	}
	return attachments, stored, nil
}

func tooLarge(name string) error {
	return refuse(http.StatusBadRequest, "ERR_FILE_SIZE_EXCEEDED", "The file %s is larger than %d bytes.", name, maxFileSize)
}

func tooMany() error {
	return refuse(http.StatusBadRequest, "ERR_FILE_COUNT_EXCEEDED", "There are more than %d files.", maxFileCount)
}
