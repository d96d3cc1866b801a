package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/cometchat-go/cometchat/interop/meant"
)

// The names of the SDKs in the marks of a recording, and at the beginning of their sdk headers.
const (
	javaScript = "javascript"
	golang     = "go"
)

// request is a request in the emulator's recording. A frame of a client is a request with the method "frame", and with its type as
// the path.
type request struct {
	Kind    string            `json:"kind"`
	Method  string            `json:"method"`
	Host    string            `json:"host"`
	Path    string            `json:"path"`
	Query   map[string]string `json:"query"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
	Status  int               `json:"status"`

	What    string          `json:"what"`    // of a live connection
	Message json.RawMessage `json:"message"` // the frame
}

// The methods of what is no request: a frame, and what an SDK returned to the driver of a step.
const (
	frame  = "frame"
	result = "result"
)

// storagePath is where files are uploaded to. The SDKs send nothing there that says which SDK it is.
const storagePath = "/v3.0/media"

func (r request) String() string { return r.Method + " " + r.Path }

// is reports whether the request is of a listed kind.
func (r request) is(listed meant.Request) bool {
	query, _ := url.ParseQuery(listed.Query) // package meant has no other
	for name, values := range query {
		if r.Query[name] != values[0] {
			return false
		}
	}
	return r.Method == listed.Method && r.Path == listed.Path
}

// step has the requests and the frames of an SDK between two marks.
type step struct {
	name     string
	requests []request
	frames   []request
	results  []request // one at most
}

// recording has the steps of each SDK in their order.
type recording map[string]steps

type steps []*step

// take removes the listed requests or frames from all steps, and returns them.
func (s steps) take(listed meant.Request) (taken []request) {
	for _, each := range s {
		for _, list := range []*[]request{&each.requests, &each.frames} {
			*list = slices.DeleteFunc(*list, func(q request) bool {
				found := q.is(listed)
				if found {
					taken = append(taken, q)
				}
				return found
			})
		}
	}
	return taken
}

// markPath begins the path of a mark. The SDK and the name of the step follow.
const markPath = "/v3.0/interop/"

// read adds a recording. It leaves out requests without an sdk header, which only prepare a step, but not uploads.
func (rec recording) read(r io.Reader) error {
	var current *step
	lines := bufio.NewReader(r)
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		var q request
		if err := json.Unmarshal(line, &q); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		next, err := rec.add(q, current)
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		current = next
	}
}

// add adds a line of the recording, and returns the step to which the frames after it belong.
func (rec recording) add(q request, current *step) (*step, error) {
	switch {
	case q.What == "client to server" && current == nil:
		return nil, errors.New("a frame comes before the first step")
	case q.What == "client to server":
		current.frames = append(current.frames, asFrame(q))
	case q.Method == http.MethodPost && strings.HasPrefix(q.Path, markPath) && current != nil:
		current.results = append(current.results, request{Method: result, Path: current.name, Body: q.Body})
	case q.Method == http.MethodPost && q.Path == storagePath && current != nil:
		current.requests = append(current.requests, q)
	case q.Kind == "http" && strings.HasPrefix(q.Path, markPath):
		return rec.begin(q)
	case q.Kind == "http":
		return current, rec.addRequest(q)
	}
	return current, nil
}

// asFrame returns a recorded frame with the fields that a comparison needs.
func asFrame(q request) request {
	var head struct{ Type, Action string }
	_ = json.Unmarshal(q.Message, &head) // what is no JSON has neither
	q.Method, q.Path = frame, cmp.Or(head.Type, head.Action)
	return q
}

// begin begins a step with its mark.
func (rec recording) begin(q request) (*step, error) {
	sdk, name, _ := strings.Cut(strings.TrimPrefix(q.Path, markPath), "/")
	name, err := url.PathUnescape(name)
	if err != nil || sdk != javaScript && sdk != golang {
		return nil, fmt.Errorf("%s is not a valid mark", q.Path)
	}
	for _, known := range rec[sdk] {
		if known.name == name {
			return nil, fmt.Errorf("the step %q of %s occurs twice", name, sdk)
		}
	}
	s := &step{name: name}
	rec[sdk] = append(rec[sdk], s)
	return s, nil
}

// addRequest adds a request to the newest step of its SDK.
func (rec recording) addRequest(q request) error {
	header, ok := q.Headers["sdk"]
	if !ok {
		return nil
	}
	sdk, _, _ := strings.Cut(header, "@")
	steps := rec[sdk]
	if len(steps) == 0 {
		return fmt.Errorf("%s of the SDK %q comes before the first step", q, header)
	}
	last := steps[len(steps)-1]
	last.requests = append(last.requests, q)
	return nil
}

// hostname returns a host without its port: the relay in front of the browser has another port.
func hostname(host string) string {
	name, _, _ := strings.Cut(host, ":")
	return name
}

// fields returns the fields of a request to compare, by name. hosts has the name of an API for the name of each host.
func (r request) fields(hosts map[string]string) map[string]string {
	switch r.Method {
	case frame:
		return flat(frame, r.Message)
	case result:
		return flat(result, r.Body)
	}
	fields := map[string]string{"method": r.Method, "path": r.Path, "host": r.Host, "status": strconv.Itoa(r.Status)}
	if api, ok := hosts[hostname(r.Host)]; ok {
		fields["host"] = api
	}
	for name, value := range r.Query {
		fields["query."+name] = value
	}
	for name, value := range r.Headers {
		fields["header."+name] = value
	}
	switch parts := r.parts(); {
	case parts != nil:
		maps.Copy(fields, parts)
	case len(r.Body) > 0:
		flatten(fields, "body", r.Body)
	}
	return fields
}

// parts returns the fields of the parts of a form, by their names; nil if the body is no form. Of a file these are the name, the type
// and the content.
func (r request) parts() map[string]string {
	media, params, err := mime.ParseMediaType(r.Headers["content-type"])
	var body string
	if err != nil || media != "multipart/form-data" || json.Unmarshal(r.Body, &body) != nil {
		return nil
	}
	fields, seen := map[string]string{}, map[string]int{}
	form := multipart.NewReader(strings.NewReader(body), params["boundary"])
	for {
		part, err := form.NextRawPart()
		if errors.Is(err, io.EOF) {
			return fields
		}
		var content []byte
		if err == nil {
			content, err = io.ReadAll(part)
		}
		if err != nil {
			fields["part"] = err.Error()
			return fields
		}
		name := fmt.Sprintf("part.%s.%d", part.FormName(), seen[part.FormName()])
		seen[part.FormName()]++
		switch {
		case part.FileName() != "":
			fields[name+".disposition"] = part.Header.Get("Content-Disposition")
			fields[name+".type"] = part.Header.Get("Content-Type")
			fields[name+".content"] = string(content)
		case json.Valid(content):
			flatten(fields, name, content)
		default:
			fields[name] = string(content)
		}
	}
}

// flat returns the leaves of a JSON value.
func flat(name string, raw json.RawMessage) map[string]string {
	fields := map[string]string{}
	flatten(fields, name, raw)
	return fields
}

// flatten adds the leaves of a JSON value to fields.
func flatten(fields map[string]string, name string, raw json.RawMessage) {
	var object map[string]json.RawMessage
	var list []json.RawMessage
	switch {
	case json.Unmarshal(raw, &object) == nil && len(object) > 0:
		for key, value := range object {
			flatten(fields, name+"."+key, value)
		}
	case json.Unmarshal(raw, &list) == nil && len(list) > 0:
		for i, value := range list {
			flatten(fields, name+"."+strconv.Itoa(i), value)
		}
	default:
		fields[name] = leaf(raw)
	}
}

// leaf returns a JSON value that has no parts. A text has one form, however it was escaped.
func leaf(raw json.RawMessage) string {
	var text string
	if len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &text) == nil {
		raw, _ = json.Marshal(text) // a text always marshals
	}
	return string(raw)
}
