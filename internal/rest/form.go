package rest

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/textproto"
)

// Field is a field of a form.
type Field struct{ Name, Value string }

// FormFile is a file of a form.
type FormFile struct {
	Field, Name, ContentType string
	Size                     int64 // in bytes; 0: unknown, unless Reader can seek
	Reader                   io.Reader
}

var (
	errSecondRead = errors.New("the reader cannot seek back to where it began")
	errTooShort   = errors.New("the file is shorter than its size")
	errTooLong    = errors.New("the file is longer than its size")
)

// NewForm returns a body of multipart/form-data with these fields, and then these files. It reads no file before the body is
// sent, and then only once, unless all readers can seek.
func NewForm(fields []Field, files []FormFile) *Stream {
	var buf bytes.Buffer // its writes never fail
	w := multipart.NewWriter(&buf)
	cut := func() []byte {
		defer buf.Reset()
		return bytes.Clone(buf.Bytes())
	}
	for _, f := range fields {
		_ = w.WriteField(f.Name, f.Value)
	}
	f := &form{again: true}
	for _, file := range files {
		_, _ = w.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {multipart.FileContentDisposition(file.Field, file.Name)}, "Content-Type": {file.ContentType},
		})
		f.add(cut(), file)
	}
	_ = w.Close()
	f.tail = cut()
	return &Stream{ContentType: w.FormDataContentType(), Length: f.length(), Again: f.again, Open: f.open, Rewind: f.rewind}
}

// form is the content of a body of multipart/form-data.
type form struct {
	files  []filePart
	tail   []byte // after the last file
	again  bool   // all readers can seek
	opened bool
}

// filePart is a file, and what comes before it in the body.
type filePart struct {
	before []byte
	FormFile
	seeker io.Seeker // nil: the reader cannot seek
	start  int64     // where the reader begins
}

func (f *form) add(before []byte, file FormFile) {
	p := filePart{before: before, FormFile: file}
	if seeker, ok := file.Reader.(io.Seeker); ok {
		if start, end, err := extent(seeker); err == nil { // a pipe is a Seeker that cannot seek
			p.seeker, p.start = seeker, start
			if p.Size == 0 {
				p.Size = end - start
			}
		}
	}
	f.again = f.again && p.seeker != nil
	f.files = append(f.files, p)
}

// Size returns the number of bytes from where r is to its end; ok is false if r cannot seek.
func Size(r io.Reader) (size int64, ok bool) {
	if seeker, ok := r.(io.Seeker); ok {
		if start, end, err := extent(seeker); err == nil {
			return end - start, true
		}
	}
	return 0, false
}

// extent returns where a seeker is, and where it ends. It leaves the seeker where it was.
func extent(s io.Seeker) (start, end int64, err error) {
	if start, err = s.Seek(0, io.SeekCurrent); err != nil {
		return 0, 0, err
	}
	end, err = s.Seek(0, io.SeekEnd)
	if _, back := s.Seek(start, io.SeekStart); err == nil {
		err = back
	}
	return start, end, err
}

// length returns the length of the body, or -1 if it is unknown.
func (f *form) length() int64 {
	n := int64(len(f.tail))
	for _, p := range f.files {
		if p.Size == 0 && p.seeker == nil {
			return -1
		}
		n += int64(len(p.before)) + p.Size
	}
	return n
}

func (f *form) open() (io.Reader, error) {
	if f.opened && !f.again {
		return nil, errSecondRead
	}
	if err := f.rewind(); err != nil {
		return nil, err
	}
	var all []io.Reader
	for _, p := range f.files {
		content := p.Reader
		if p.Size != 0 || p.seeker != nil {
			content = &exactReader{p.Reader, p.Size}
		}
		all = append(all, bytes.NewReader(p.before), content)
	}
	f.opened = true
	return io.MultiReader(append(all, bytes.NewReader(f.tail))...), nil
}

// rewind sets the readers that can seek back to where they were.
func (f *form) rewind() error {
	for _, p := range f.files {
		if p.seeker != nil {
			if _, err := p.seeker.Seek(p.start, io.SeekStart); err != nil {
				return err
			}
		}
	}
	return nil
}

// exactReader fails when its reader has not exactly the bytes that are left: a body of another length than announced would be
// cut, or be taken for a whole one.
type exactReader struct {
	reader io.Reader
	left   int64
}

// Read reads the next bytes.
func (e *exactReader) Read(p []byte) (int, error) {
	if e.left == 0 {
		n, err := e.reader.Read(make([]byte, 1))
		if n > 0 {
			err = errTooLong
		}
		return 0, err
	}
	n, err := e.reader.Read(p[:min(int64(len(p)), e.left)])
	if e.left -= int64(n); e.left > 0 && errors.Is(err, io.EOF) {
		err = errTooShort
	}
	return n, err
}
