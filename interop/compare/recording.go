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

// The names of the SDKs in the marks of a recording, and at the beginning of their sdk headers.
const (
	javaScript = "javascript"
	golang     = "go"
)

// request is a request in the emulator's recording.
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

// step has the requests of an SDK between two marks.
type step struct {
	name     string
	requests []request
}

// recording has the steps of each SDK in their order.
type recording map[string][]*step

// markPath begins the path of a mark. The SDK and the name of the step follow.
const markPath = "/v3.0/interop/"

// read reads a recording. It leaves out requests without an sdk header: they only prepare a step.
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
			return fmt.Errorf("%s is not a valid mark", q.Path)
		}
		for _, known := range rec[sdk] {
			if known.name == name {
				return fmt.Errorf("the step %q of %s occurs twice", name, sdk)
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
		fields[name] = string(raw)
	}
}
