package cometchat

import "strings"

// checkMessageID refuses what is no id of a message.
func checkMessageID(op, id string) error {
	if !isMessageID(id) {
		return badArgument(op, codeMessageID, "the message id %.50q is not made of digits", id)
	}
	return nil
}

// isMessageID reports whether id is made of digits. No length is documented; 20 digits have room for any number of 64 bits.
func isMessageID(id string) bool {
	return id != "" && len(id) <= 20 && strings.Trim(id, "0123456789") == ""
}

// compareIDs compares two ids of messages as numbers.
func compareIDs(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
