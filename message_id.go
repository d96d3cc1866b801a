package cometchat

import "strings"

// checkMessageID refuses what is no id of a message.
func checkMessageID(op, id string) error {
	if id == "" || len(id) > 20 || strings.Trim(id, "0123456789") != "" {
		return badArgument(op, codeMessageID, "the message id %.50q is not made of digits", id)
	}
	return nil
}
