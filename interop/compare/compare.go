package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/cometchat-go/cometchat/interop/meant"
)

// comparison compares the requests, the frames and the results of both SDKs, step by step. Every listed difference must occur.
type comparison struct {
	notInGo []meant.Step
	only    map[string][]meant.Request // by SDK
	anyTime []meant.Request
	frames  []meant.Frame
	fields  []meant.Field
	hosts   map[string]string // the name of an API, by the name of its host

	rows     []row
	pairs    int // the number of compared pairs of requests, frames or results
	compared int // the number of compared fields
	seen     map[any]int
	problems []string
}

// row is a step with the number of requests and frames that each SDK sent.
type row struct {
	step             string
	javaScript, goes int
	note             string
}

func newComparison(hosts map[string]string) *comparison {
	return &comparison{
		notInGo: meant.NotInGo, only: map[string][]meant.Request{javaScript: meant.JavaScriptRequests, golang: meant.GoRequests}, anyTime: meant.AnyTime, frames: meant.Frames,
		fields: meant.Fields, hosts: hosts, seen: map[any]int{},
	}
}

func (c *comparison) problem(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// run compares a recording.
func (c *comparison) run(rec recording) {
	for _, listed := range c.anyTime {
		theirs, ours := rec[javaScript].take(listed), rec[golang].take(listed)
		if len(theirs) > 0 && len(ours) > 0 {
			c.seen[listed] = len(theirs) + len(ours)
			c.step("at any time", theirs[:1], ours[:1])
		}
	}
	ofGo := map[string]*step{}
	for _, s := range rec[golang] {
		ofGo[s.name] = s
	}
	for _, js := range rec[javaScript] {
		requests := c.withoutMeant(javaScript, js.requests)
		goes, both := ofGo[js.name]
		delete(ofGo, js.name)
		absence := slices.IndexFunc(c.notInGo, func(s meant.Step) bool { return s.Name == js.name })
		switch {
		case both && absence >= 0:
			c.problem("%s: the Go SDK has this step, but package meant lists it as missing", js.name)
		case !both && absence < 0:
			c.problem("%s: the Go SDK does not have this step, and package meant does not list it", js.name)
		case !both:
			c.seen[c.notInGo[absence]]++
			c.rows = append(c.rows, row{js.name, len(requests) + len(js.frames), 0, "not compared: " + c.notInGo[absence].Reason})
		default:
			before := c.compared
			ours := c.withoutMeant(golang, goes.requests)
			c.step(js.name, requests, ours)
			c.step(js.name, c.comparable(js), c.comparable(goes))
			c.step(js.name, js.results, goes.results)
			c.rows = append(c.rows, row{
				js.name, len(requests) + len(js.frames), len(ours) + len(goes.frames), fmt.Sprintf("%d fields", c.compared-before),
			})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(ofGo)) {
		c.problem("%s: only the Go SDK has this step", name)
	}
	if c.pairs == 0 {
		c.problem("the recording has no requests to compare")
	}
	c.unseen()
}

// withoutMeant leaves out the requests that only this SDK should make.
func (c *comparison) withoutMeant(sdk string, requests []request) []request {
	return slices.DeleteFunc(slices.Clone(requests), func(q request) bool {
		for _, only := range c.only[sdk] {
			if q.is(only) {
				c.seen[only]++
				return true
			}
		}
		return false
	})
}

// comparable returns the frames of a step, without those that the list leaves out.
func (c *comparison) comparable(s *step) []request {
	return slices.DeleteFunc(slices.Clone(s.frames), func(q request) bool {
		listed := slices.IndexFunc(c.frames, func(f meant.Frame) bool { return f.Step == s.name && f.Type == q.Path })
		if listed >= 0 {
			c.seen[c.frames[listed]]++
		}
		return listed >= 0
	})
}

// step compares the requests, or the frames, of a step in their order.
func (c *comparison) step(name string, js, goes []request) {
	if len(js) != len(goes) {
		c.problem("%s: JavaScript sends %v, Go %v", name, js, goes)
		return
	}
	for i := range js {
		c.pairs++
		theirs, ours := js[i].fields(c.hosts), goes[i].fields(c.hosts)
		all := maps.Clone(theirs)
		maps.Copy(all, ours)
		for _, field := range slices.Sorted(maps.Keys(all)) {
			c.compared++
			c.field(fmt.Sprintf("%s, %v, %s", name, js[i], field), js[i].Method, field, theirs, ours)
		}
	}
}

// field compares a field of a request with this method. If it differs, field looks for the difference in the list.
func (c *comparison) field(where, method, field string, theirs, ours map[string]string) {
	js, inJS := theirs[field]
	goes, inGo := ours[field]
	side := meant.Values
	switch {
	case !inGo:
		side = meant.OnlyJavaScript
	case !inJS:
		side = meant.OnlyGo
	case js == goes:
		return
	}
	for i := range c.fields {
		listed := &c.fields[i]
		if listed.Side != side || !named(listed.Name, field) && !named(listed.Name, method+" "+field) {
			continue
		}
		c.seen[listed]++
		switch {
		case listed.Form == nil:
		case side == meant.Values && !sameForm(listed.Form, js, goes):
			c.problem("%s: %q and %q do not match %s with the same text in its parentheses", where, js, goes, listed.Form)
		case side != meant.Values && !listed.Form.MatchString(js+goes): // one of them is empty
			c.problem("%s: %s: %q does not match %s", where, side, js+goes, listed.Form)
		}
		return
	}
	c.problem("%s: %s: JavaScript %q, Go %q", where, side, js, goes)
}

// named reports whether the listed name matches the name of the field.
func named(listed, field string) bool {
	prefix, anyText := strings.CutSuffix(listed, "*")
	return field == listed || anyText && strings.HasPrefix(field, prefix)
}

// sameForm reports whether both values match the form, with the same text in its parentheses.
func sameForm(form *regexp.Regexp, a, b string) bool {
	inA, inB := form.FindStringSubmatch(a), form.FindStringSubmatch(b)
	return inA != nil && inB != nil && slices.Equal(inA[1:], inB[1:])
}

// unseen reports the listed differences that no longer occur.
func (c *comparison) unseen() {
	for _, s := range c.notInGo {
		if c.seen[s] == 0 {
			c.problem("a listed difference no longer occurs: %s: %s", s.Name, s.Reason)
		}
	}
	for sdk, listed := range c.only {
		for _, q := range listed {
			if c.seen[q] == 0 {
				c.problem("a listed difference no longer occurs: only %s requests %s %s: %s", sdk, q.Method, q.Path, q.Reason)
			}
		}
	}
	for _, q := range c.anyTime {
		if c.seen[q] == 0 {
			c.problem("not sent by both SDKs any more: %s %s: %s", q.Method, q.Path, q.Reason)
		}
	}
	for _, f := range c.frames {
		if c.seen[f] == 0 {
			c.problem("a listed frame no longer occurs: %s: %s: %s", f.Step, f.Type, f.Reason)
		}
	}
	for i := range c.fields {
		if f := &c.fields[i]; c.seen[f] == 0 {
			c.problem("a listed difference no longer occurs: %s: %s: %s", f.Name, f.Side, f.Reason)
		}
	}
}

// differences returns the intended differences that occurred, as lines of text.
func (c *comparison) differences() []string {
	var lines []string
	add := func(what string, key any, reason string) {
		lines = append(lines, fmt.Sprintf("%4d  %-50s  %s", c.seen[key], what, reason))
	}
	for _, sdk := range []string{javaScript, golang} {
		for _, q := range c.only[sdk] {
			add(q.Method+" "+q.Path+": only "+sdk, q, q.Reason)
		}
	}
	for _, q := range c.anyTime {
		add(q.Method+" "+q.Path+": any number", q, q.Reason)
	}
	for _, f := range c.frames {
		add("frame "+f.Type+": left out in \""+f.Step+"\"", f, f.Reason)
	}
	for i := range c.fields {
		f := &c.fields[i]
		add(f.Name+": "+f.Side.String(), f, f.Reason)
	}
	return lines
}
