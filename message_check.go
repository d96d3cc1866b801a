package cometchat

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

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
