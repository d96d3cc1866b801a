package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
)

// The SDKs, by how the marks in a recording call them and their sdk header begins.
const (
	javaScript = "javascript"
	golang     = "go"
)

// request is a request as the emulator records it.
type request struct {
	Kind    string            `json:"kind"`
	Method  string            `json:"method"`
	Host    string            `json:"host"`
	Path    string            `json:"path"`
	Query   map[string]string `json:"query"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
	Status  int               `json:"status"`
}

func (r request) String() string { return r.Method + " " + r.Path }

// step is what an SDK has asked for between two marks.
type step struct {
	name     string
	requests []request
}

// recording has the steps of each SDK, in their order.
type recording map[string][]*step

// markPath is how the path of a mark begins; the SDK and the name of the step follow.
const markPath = "/v3.0/interop/"

// read reads a recording. Requests without an SDK have set the stage for a step, and are left out.
func read(r io.Reader) (recording, error) {
	rec := recording{}
	lines := bufio.NewReader(r)
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			return rec, nil
		}
		if err != nil && err != io.EOF {
			return nil, err
		}
		var q request
		if err := json.Unmarshal(line, &q); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if err := rec.add(q); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
	}
}

func (rec recording) add(q request) error {
	if q.Kind != "http" {
		return nil
	}
	if mark, ok := strings.CutPrefix(q.Path, markPath); ok {
		sdk, name, _ := strings.Cut(mark, "/")
		name, err := url.PathUnescape(name)
		if err != nil || sdk != javaScript && sdk != golang {
			return fmt.Errorf("%s is no mark", q.Path)
		}
		for _, known := range rec[sdk] {
			if known.name == name {
				return fmt.Errorf("the step %q of %s is there twice", name, sdk)
			}
		}
		rec[sdk] = append(rec[sdk], &step{name: name})
		return nil
	}
	header, ok := q.Headers["sdk"]
	if !ok {
		return nil
	}
	sdk, _, _ := strings.Cut(header, "@")
	steps := rec[sdk]
	if len(steps) == 0 {
		return fmt.Errorf("%s by the SDK %q is in no step", q, header)
	}
	last := steps[len(steps)-1]
	last.requests = append(last.requests, q)
	return nil
}

// hostname leaves out the port, which is another one behind the browser's relay.
func hostname(host string) string {
	name, _, _ := strings.Cut(host, ":")
	return name
}

// fields are what there is to compare of a request: the name of each field, and its value. hosts says which API a host is,
// by its name.
func (r request) fields(hosts map[string]string) map[string]string {
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
	if len(r.Body) > 0 {
		flatten(fields, "body", r.Body)
	}
	return fields
}

// flatten adds the leaves of a JSON value.
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
		fields[name] = string(raw)
	}
}
