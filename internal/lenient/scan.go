package lenient

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// scanner goes through valid JSON. Its recursion ends at the 10,000 levels that encoding/json accepts.
type scanner struct {
	data []byte
	pos  int
}

// peek returns the next byte that is not white space. There always is one where a value, a key or a separator is expected.
func (s *scanner) peek() byte {
	for {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return c
		}
	}
}

// each calls element at each value of the object or array that comes next; element must go past the value. The key is the
// JSON text of an object's key, nil in an array.
func (s *scanner) each(element func(key []byte)) {
	end := s.peek() + 2 // ']' is '[' + 2, and '}' is '{' + 2
	s.pos++
	for {
		switch s.peek() {
		case end:
			s.pos++
			return
		case ',':
			s.pos++
			continue
		}
		var key []byte
		if end == '}' {
			key = s.skip()
			s.peek()
			s.pos++ // the colon
		}
		element(key)
	}
}

// Member returns the value of a member of the object data as it is written there, or nil if there is none. Of several, the last
// counts, as in encoding/json. The name is compared byte by byte. data must be what Unmarshal has read; Member returns a part of it.
func Member(data []byte, name string) (value []byte) {
	s := scanner{data: bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))}
	if s.peek() != '{' {
		return nil
	}
	s.each(func(key []byte) {
		if v := s.skip(); string(key[1:len(key)-1]) == name {
			value = v
		}
	})
	return value
}

// skip goes past the next value and returns it, without white space around it.
func (s *scanner) skip() []byte {
	first := s.peek()
	start := s.pos
	switch first {
	case '{', '[':
		s.each(func([]byte) { s.skip() })
	case '"':
		for s.pos++; s.data[s.pos] != '"'; s.pos++ {
			if s.data[s.pos] == '\\' {
				s.pos++
			}
		}
		s.pos++
	default:
		length := bytes.IndexAny(s.data[start:], ",]} \t\r\n")
		if length < 0 {
			length = len(s.data) - start
		}
		s.pos += length
	}
	return s.data[start:s.pos]
}

// unquote returns what a JSON text says.
func unquote(quoted []byte) string {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	var s string
	_ = json.Unmarshal(quoted, &s) // it is valid
	return s
}
