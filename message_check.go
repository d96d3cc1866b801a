package cometchat

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The documented limits of what a message says.
const (
	maxMessageText = 1 << 16 // characters, of the text and of the whole message as JSON
	maxMentions    = 10
)

const mentionBegin = "<@uid:"

// checkMessageID refuses what is no id of a message.
func checkMessageID(op, id string) error {
	if !isMessageID(id) {
		return badArgument(op, codeMessageID, "the message id %.50q is not a number above 0", id)
	}
	return nil
}

// isMessageID reports whether id is a number above 0. No length is documented; 20 digits have room for any number of 64 bits.
func isMessageID(id string) bool {
	return id != "" && id[0] != '0' && len(id) <= 20 && strings.Trim(id, "0123456789") == ""
}

// compareIDs compares two ids of messages as numbers.
func compareIDs(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// checkMessageText checks the text of a message, which may be empty.
func checkMessageText(op, text string) error {
	switch {
	case !utf8.ValidString(text):
		return badArgument(op, codeMessageText, "the text is not valid UTF-8")
	case len(text) > maxMessageText && utf8.RuneCountInString(text) > maxMessageText:
		return badArgument(op, codeMessageText, "the text is longer than %d characters", maxMessageText)
	}
	if n := countMentions(text); n > maxMentions {
		return newError(op, ErrBadRequest, "the text mentions %d users, more than %d", n, maxMentions)
	}
	return nil
}

// countMentions returns how many users a text mentions.
func countMentions(text string) int {
	var uids map[string]bool
	for _, rest, found := strings.Cut(text, mentionBegin); found; _, rest, found = strings.Cut(rest, mentionBegin) {
		if uid, _, closed := strings.Cut(rest, ">"); closed {
			if uids == nil {
				uids = map[string]bool{}
			}
			uids[foldUID(uid)] = true
		}
	}
	return len(uids)
}

// checkMessageSize checks the size of a message as JSON.
func checkMessageSize(op string, body []byte) error {
	if len(body) > maxMessageText && utf8.RuneCount(body) > maxMessageText {
		return newError(op, ErrBadRequest, "the message has more than %d characters as JSON", maxMessageText)
	}
	return nil
}

func checkMessageTags(op string, tags []string) error {
	if len(tags) > maxTags {
		return newError(op, ErrBadRequest, "the message has %d tags, more than %d", len(tags), maxTags)
	}
	for i, tag := range tags {
		if flaw := textFlaw(tag, maxTagLength); flaw != "" {
			return newError(op, ErrBadRequest, "tag %d of the message %s", i, flaw)
		}
	}
	return nil
}

func checkMetadata(op string, metadata json.RawMessage) error {
	if metadata != nil && !isObject(metadata) {
		return newError(op, ErrBadRequest, "the metadata is not a JSON object")
	}
	return nil
}

// isObject reports whether raw is a JSON object.
func isObject(raw json.RawMessage) bool {
	return bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("{")) && json.Valid(raw)
}

// messageNumber returns the number of a message's id, or 0.
func messageNumber(id string) uint64 {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
