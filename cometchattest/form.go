package cometchattest

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
)

// maxUpload is how many bytes a body of multipart/form-data may have in all.
const maxUpload = maxFileSize + maxMessageBody

// form is a body of multipart/form-data.
type form struct {
	fields url.Values
	files  []formFile // in the order of the body
	last   string     // the name of the last part
	wrong  string     // why the rest of the body could not be read, or ""
}

// formFile is a part with a file name.
type formFile struct {
	field, name, contentType string
	content                  []byte
}

// formBoundary returns the boundary of the parts of a body of multipart/form-data.
func formBoundary(r *http.Request) (boundary string, ok bool) {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return params["boundary"], err == nil && media == "multipart/form-data"
}

// readForm reads the body as a form. It keeps the beginning of the body for the observer and for Requests. It returns false if
// the client broke off.
func (c *call) readForm(w http.ResponseWriter, boundary string) bool {
	body := &formBody{from: http.MaxBytesReader(w, c.r.Body, maxUpload)}
	c.form = &form{fields: url.Values{}}
	if err := c.form.read(multipart.NewReader(body, boundary)); err != nil {
		c.form.wrong = err.Error()
	}
	_, _ = io.Copy(io.Discard, body) // what follows the last part; body knows the error
	c.body = body.beginning
	_, c.tooLong = errors.AsType[*http.MaxBytesError](body.err)
	return errors.Is(body.err, io.EOF) || c.tooLong
}

func (f *form) read(parts *multipart.Reader) error {
	for empty := true; ; empty = false {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) && !empty {
			return nil
		}
		if err != nil {
			return err
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		f.last = part.FormName()
		if name := part.FileName(); name != "" {
			f.files = append(f.files, formFile{f.last, name, part.Header.Get("Content-Type"), content})
		} else {
			f.fields.Add(f.last, string(content))
		}
	}
}

// formBody reads the body of a request. It keeps the first bytes, and the error that ended the body: net/http returns
// ErrUnexpectedEOF only once.
type formBody struct {
	from      io.Reader
	beginning []byte
	err       error
}

// Read reads from the body.
func (b *formBody) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.from.Read(p)
	b.beginning = append(b.beginning, p[:min(n, maxBody-len(b.beginning))]...)
	b.err = err
	return n, err
}
