package cometchattest

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// uploadTime is how long a request for a file's upload is valid, as documented.
const uploadTime = 15 * time.Minute

// uploadPrefix is signed before a policy, so that its signature is not one of a jwt, which has the same key.
const uploadPrefix = "upload "

// policy is what an upload has to be like. A request carries it, signed, so that the server remembers nothing.
type policy struct {
	Key         string `json:"key"`
	ContentType string `json:"contentType"`
	Size        int64  `json:"size"`
	ExpiresAt   int64  `json:"expiresAt"`
}

// fileAnswer is the answer of the storage of files, which has no envelope.
type fileAnswer struct {
	status      int
	contentType string
	content     []byte
}

// anybody accepts every request to the storage: the URL of a file, or the signature of an upload, is the credential.
func anybody(*Server, *call) error { return nil }

// announcedFile is a file for which POST /files/upload-url asks for a place.
type announcedFile struct {
	Name     string `json:"name"`
	Size     int64  `json:"size"`
	MimeType string `json:"mimeType"`
}

// uploadURLs answers, for each file, with the request that uploads it, or with why it may not be uploaded.
func (s *Server) uploadURLs(c *call) (*envelope, error) {
	var f struct {
		Files        map[string]announcedFile `json:"files"`
		Receiver     string                   `json:"receiver"`
		ReceiverType string                   `json:"receiverType"`
	}
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	errs := store.FieldErrors{}
	if len(f.Files) == 0 {
		errs.Add("files", "field is required.")
	}
	for id, file := range f.Files {
		if file.Name == "" {
			errs.Add("files."+id+".name", "field is required.")
		}
		if file.Size < 0 {
			errs.Add("files."+id+".size", "must not be negative.")
		}
	}
	if err := refuseFields(errs); err != nil {
		return nil, err
	}
	if len(f.Files) > maxFileCount {
		return nil, tooMany()
	}
	if err := s.checkReceiver(f.Receiver, f.ReceiverType, c.token.UID); err != nil {
		return nil, err
	}
	places := map[string]any{}
	for id, file := range f.Files {
		places[id] = s.uploadPlace(c, file)
	}
	return data(places), nil
}

// checkReceiver refuses a receiver that cannot get a file from the user uid.
func (s *Server) checkReceiver(receiver, receiverType, uid string) error {
	switch {
	case receiver == "":
		return refuse(http.StatusBadRequest, "ERR_EMPTY_RECEIVER", "The receiver is missing.")
	case receiverType == "group":
		g, err := s.findGroup(receiver)
		if err == nil {
			err = checkRank(g, uid, store.RankParticipant)
		}
		return err
	case receiverType != "user":
		return refuse(http.StatusBadRequest, "ERR_INVALID_RECEIVER_TYPE", "The receiverType has to be user or group.")
	}
	_, err := s.findUser(receiver)
	return err
}

func (s *Server) uploadPlace(c *call, file announcedFile) any {
	if file.Size > maxFileSize {
		return map[string]any{"error": map[string]any{
			"code": "ERR_FILE_SIZE_EXCEEDED", "message": tooLarge(file.Name).(*apiError).message, //nolint:forcetypeassert,errorlint // it is one
		}}
	}
	p := policy{newFileKey(file.Name), file.MimeType, file.Size, c.now.Add(uploadTime).Unix()}
	raw, _ := json.Marshal(p) // it always marshals
	signed := base64.StdEncoding.EncodeToString(raw)
	return map[string]any{
		"request": map[string]any{
			"method": http.MethodPost, "url": c.origin() + "/v3.0/media",
			"body": map[string]string{
				"key": p.Key, "Content-Type": p.ContentType, "policy": signed, "signature": hex.EncodeToString(s.signature(uploadPrefix + signed)),
			},
		},
		"attachment": attachment{c.fileURL(p.Key), file.Name, file.MimeType, extension(file.Name), int(file.Size)},
		"expiresAt":  p.ExpiresAt,
	}
}

// storeFile takes an upload, as Amazon's storage does: the fields of the request, and then the part file.
func (s *Server) storeFile(c *call) (*envelope, error) {
	if c.form == nil || c.form.wrong != "" {
		return storageError(http.StatusBadRequest, "MalformedPOSTRequest", "The body is not well-formed multipart/form-data."), nil
	}
	files := c.form.files
	if len(files) != 1 || files[0].field != "file" || c.form.last != "file" {
		return storageError(http.StatusBadRequest, "InvalidArgument", "The part file has to be there once, after all fields."), nil
	}
	fields := c.form.fields
	p, ok := s.readPolicy(fields)
	if !ok {
		return storageError(http.StatusForbidden, "SignatureDoesNotMatch", "The signature is not that of the policy."), nil
	}
	if p.Key != fields.Get("key") || p.ContentType != fields.Get("Content-Type") {
		return storageError(http.StatusForbidden, "AccessDenied", "Invalid according to Policy: a field is not as signed."), nil
	}
	switch size := int64(len(files[0].content)); {
	case c.now.Unix() >= p.ExpiresAt:
		return storageError(http.StatusForbidden, "AccessDenied", "Invalid according to Policy: Policy expired."), nil
	case size > p.Size:
		return storageError(http.StatusBadRequest, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size."), nil
	case size < p.Size:
		return storageError(http.StatusBadRequest, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size."), nil
	}
	s.files.put(&storedFile{p.Key, fileType(p.ContentType), files[0].content})
	return &envelope{file: &fileAnswer{status: http.StatusNoContent}}, nil
}

// readPolicy returns the policy in the fields of an upload, if the server has signed it.
func (s *Server) readPolicy(fields url.Values) (p policy, ok bool) {
	signed := fields.Get("policy")
	signature, _ := hex.DecodeString(fields.Get("signature")) // a malformed one is not equal
	if !hmac.Equal(signature, s.signature(uploadPrefix+signed)) {
		return policy{}, false
	}
	raw, err := base64.StdEncoding.DecodeString(signed)
	return p, err == nil && json.Unmarshal(raw, &p) == nil
}

// getFile serves an uploaded file.
func (s *Server) getFile(c *call) (*envelope, error) {
	f := s.files.byKey[c.r.PathValue("file")]
	if f == nil {
		return storageError(http.StatusNotFound, "NoSuchKey", "The file does not exist, or newer files have taken its place."), nil
	}
	return &envelope{file: &fileAnswer{http.StatusOK, f.contentType, f.content}}, nil
}

// storageError is a refusal in the form of Amazon's storage.
func storageError(status int, code, message string) *envelope {
	raw, _ := xml.Marshal(struct { // texts always marshal
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}{Code: code, Message: message})
	return &envelope{file: &fileAnswer{status, "application/xml", append([]byte(xml.Header), raw...)}}
}
