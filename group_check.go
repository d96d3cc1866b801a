package cometchat

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// checkGUID refuses a guid that is too long or not safe in a path. The server checks the documented alphabet.
func checkGUID(op, guid string) error {
	switch {
	case strings.TrimSpace(guid) == "":
		return badArgument(op, codeGUID, "the guid is missing")
	case guid == "." || guid == "..":
		return badArgument(op, codeGUID, "the guid is a dot segment")
	}
	if flaw := textFlaw(guid, maxUIDLength); flaw != "" {
		return badArgument(op, codeGUID, "the guid %s", flaw)
	}
	return nil
}

// checkMember refuses the guid of a group or the uid of a user that cannot be used.
func checkMember(op, guid, uid string) error {
	if err := checkGUID(op, guid); err != nil {
		return err
	}
	return checkMemberUID(op, uid)
}

// checkMemberUID is checkUID with the code that the JavaScript SDK has in calls about groups.
func checkMemberUID(op, uid string) error {
	err := checkUID(op, uid)
	if e, ok := errors.AsType[*Error](err); ok {
		e.Code = codeUID
	}
	return err
}

func checkGroupType(op, typ string) error {
	switch {
	case typ == "":
		return badArgument(op, codeNoGroupType, "the type of the group is missing")
	case typ != GroupPublic && typ != GroupPassword && typ != GroupPrivate:
		return badArgument(op, codeGroupType, "the type %.50q is not %s, %s or %s", typ, GroupPublic, GroupPassword, GroupPrivate)
	}
	return nil
}

// checkGroupPassword never shows the password.
func checkGroupPassword(op, password string) error {
	if flaw := textFlaw(password, maxTokenLength); flaw != "" {
		return badArgument(op, codeGroupPassword, "the password of the group %s", flaw)
	}
	return nil
}

func checkScope(op, scope string) error {
	if !slices.Contains([]string{ScopeAdmin, ScopeModerator, ScopeParticipant}, scope) {
		return badArgument(op, codeScope, "the scope %.50q is not %s, %s or %s", scope, ScopeAdmin, ScopeModerator, ScopeParticipant)
	}
	return nil
}

func checkScopes(op string, scopes []string) error {
	for _, scope := range scopes {
		if err := checkScope(op, scope); err != nil {
			return err
		}
	}
	return nil
}

// checkNewMembers refuses a uid that cannot be used, or that is there twice: which scope should it get?
func checkNewMembers(op string, m NewGroupMembers) error {
	seen := map[string]bool{}
	for _, uid := range m.uids() {
		if err := checkMemberUID(op, uid); err != nil {
			return err
		}
		if seen[foldUID(uid)] {
			return newError(op, ErrBadRequest, "the uid %.100q is listed twice", uid)
		}
		seen[foldUID(uid)] = true
	}
	return nil
}

// groupFlaw says what is wrong with a group of an answer that should be about wantGUID (any group if empty); "" if nothing is.
func groupFlaw(guid, wantGUID string) string {
	switch {
	case guid == "":
		return "the server's answer has no group"
	case checkGUID("", guid) != nil:
		return "the server's answer has a guid that cannot be used"
	case wantGUID != "" && !sameUID(guid, wantGUID):
		return "the server's answer is about another group"
	}
	return ""
}

// groupFields are the fields with limits that a group has when it is created and when it is updated.
type groupFields struct {
	name, password, description, icon string
	metadata                          json.RawMessage
	tags                              []string
}

// checkGroupFields never shows the password.
func checkGroupFields(op string, g groupFields) error {
	for _, f := range []struct {
		name, value string
		limit       int
	}{{"name", g.name, maxNameLength}, {"icon", g.icon, maxURLLength}} {
		if flaw := textFlaw(f.value, f.limit); flaw != "" {
			return newError(op, ErrBadRequest, "the group's %s %s", f.name, flaw)
		}
	}
	if !utf8.ValidString(g.description) { // it may have lines
		return newError(op, ErrBadRequest, "the group's description is not valid UTF-8")
	}
	if err := checkGroupPassword(op, g.password); err != nil {
		return err
	}
	if err := checkTags(op, "the group", g.tags); err != nil {
		return err
	}
	return checkMetadata(op, g.metadata)
}
