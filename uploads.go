package cometchat

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/cometchat-go/cometchat/internal/redact"
	"github.com/cometchat-go/cometchat/internal/rest"
)

// UploadFile uploads a file to the app's storage, and returns it as an attachment for [OutgoingMessage.Attachments]. It suits large
// files, which would make a send slow to fail. to is the receiver of the message that the file is for, and parentID the message's
// ParentID, or empty.
//
// It first asks for a place (POST /v3.0/files/upload-url, retried as usual), and then sends the file there, once and without any
// credential. The storage has to be https, unless the client's own host is plain http or the storage is on this machine. The size
// of the file has to be known: f.Reader can seek, or f.Size is set. The content is not held in memory. Both requests together have the
// client's timeout: see [WithTimeout] for files that take longer. It is safe for concurrent use.
//
// It fails before any request with ErrBadRequest for a file, a receiver or a parentID that cannot be used (the code is
// "INVALID_MEDIA_OBJECT", "INVALID_RECEIVER_ID", "INVALID_RECEIVER_TYPE" or "INVALID_MESSAGE_ID"), and with ErrNotLoggedIn. When
// the storage does not take the file, the code is "ERR_S3_UPLOAD_FAILED". The upload may then be repeated.
func (c *Client) UploadFile(ctx context.Context, to Receiver, parentID string, f File) (*Attachment, error) {
	const op = "UploadFile"
	if err := checkUpload(op, to, parentID, &f); err != nil {
		return nil, err
	}
	if f.Size == 0 {
		f.Size, _ = rest.Size(f.Reader)
	}
	var attachment *Attachment
	err := c.withSession(ctx, op, func(ctx context.Context, s *Session) error {
		place, err := c.placeForUpload(ctx, op, s, to, parentID, &f)
		if err != nil {
			return err
		}
		if err := c.upload(ctx, op, &place.Request, &f); err != nil {
			return err
		}
		attachment = place.Attachment
		return nil
	})
	return attachment, err
}

func checkUpload(op string, to Receiver, parentID string, f *File) error {
	if err := checkReceiver(op, to); err != nil {
		return err
	}
	if parentID != "" && !isMessageID(parentID) {
		return badArgument(op, codeMessageID, "the id of the parent message has to be digits")
	}
	if flaw := f.flaw(); flaw != "" {
		return badArgument(op, codeMediaObject, "the file %s", flaw)
	}
	if _, known := rest.Size(f.Reader); f.Size == 0 && !known {
		return badArgument(op, codeMediaObject, "the file has a reader that cannot seek: then its size has to be given")
	}
	return nil
}

// uploadFile is a file as the request for a place describes it.
type uploadFile struct {
	FileID   string `json:"fileId"`
	Name     string `json:"name"`
	Size     int64  `json:"size"`
	MimeType string `json:"mimeType"`
}

// uploadID is the id of the only file in a request for a place.
const uploadID = "file"

// uploadPlace is where a file has to be sent to, or why it must not be.
type uploadPlace struct {
	Request    storageRequest `json:"request"`
	Attachment *Attachment    `json:"attachment"`
	Error      *refusal       `json:"error"`
}

// storageRequest is a request that the storage will accept. Its fields are signed, and whoever has them can upload the file.
type storageRequest struct {
	Method string            `json:"method"`
	URL    string            `json:"url"`
	Fields map[string]string `json:"body"`
}

func (c *Client) placeForUpload(ctx context.Context, op string, s *Session, to Receiver, parentID string, f *File,
) (*uploadPlace, error) {
	req := rest.Request{
		Op: op, Method: "POST", Route: "/files/upload-url", Credential: rest.AuthToken(s.AuthToken), Body: struct {
			Files        map[string]uploadFile `json:"files"`
			Receiver     string                `json:"receiver"`
			ReceiverType string                `json:"receiverType"`
			ParentID     json.Number           `json:"parentMessageId,omitempty"`
		}{map[string]uploadFile{uploadID: {uploadID, f.name(), f.Size, f.mimeType()}}, to.ID, to.Type, json.Number(parentID)},
	}
	places, err := send(ctx, c.rest, req, func(places *map[string]*uploadPlace) string {
		place := (*places)[uploadID]
		switch {
		case place == nil:
			return "the server's answer has no place for the file"
		case place.Error != nil && place.Error.Code != "":
			return ""
		case place.Attachment == nil || place.Attachment.URL == "":
			return "the server's answer has no attachment"
		}
		return c.storageFlaw(&place.Request)
	})
	if err != nil {
		return nil, err
	}
	place := (*places)[uploadID]
	if e := place.Error; e != nil && e.Code != "" {
		return nil, refusedItem(&req, e.Code, e.Message)
	}
	return place, nil
}

// storageFlaw says why a file must not be sent with a request; "" if it may be.
func (c *Client) storageFlaw(r *storageRequest) string {
	u, err := url.Parse(r.URL)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http":
		return "the server's answer has a URL of a storage that cannot be used"
	case u.Scheme == "http" && c.live.hosts.client.Scheme != "http" && !isLoopback(u.Hostname()):
		return "the server's answer names a storage of plain http, which would send the file in the clear"
	case r.Method != "" && !strings.EqualFold(r.Method, "POST"):
		return "the server's answer has a storage's method other than POST"
	}
	return ""
}

// codeUpload is the JavaScript SDK's code for a file that the storage does not take.
const codeUpload = "ERR_S3_UPLOAD_FAILED"

// upload sends the file to the storage.
func (c *Client) upload(ctx context.Context, op string, to *storageRequest, f *File) error {
	var fields []rest.Field
	for _, name := range slices.Sorted(maps.Keys(to.Fields)) {
		fields = append(fields, rest.Field{Name: name, Value: to.Fields[name]})
	}
	req := rest.Request{
		Op: op, Method: "POST", Route: "{storage}", Base: to.URL, Stream: rest.NewForm(fields, []rest.FormFile{f.form("file")}),
	}
	a := c.rest.Upload(ctx, &req)
	if a.Success() {
		return nil
	}
	e := failure(&req, &a)
	if a.Err != nil {
		explainNoAnswer(ctx, &req, &a, e)
		if e.Code == codeFailedToFetch {
			e.Code = codeUpload
		}
		return e
	}
	e.Code, e.Message = codeUpload, "the storage has not taken the file"
	var said struct{ Message string }
	if xml.Unmarshal(a.Body, &said) == nil && strings.TrimSpace(said.Message) != "" {
		secrets := redact.New(slices.Collect(maps.Values(to.Fields))...) // the storage may quote them
		e.Message += ": " + secrets.Short(strings.TrimSpace(said.Message))
	}
	return e
}
