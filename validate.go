package cometchat

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The documented limits of CometChat, in characters (tags: in number).
const (
	maxUIDLength  = 100
	maxNameLength = 100
	maxURLLength  = 3000
	maxTagLength  = 100
	maxTags       = 25
	// Real keys have 40 characters and real tokens up to 141; the API documents no limit for tokens.
	maxKeyLength   = 100
	maxTokenLength = 1024
	maxJWTLength   = 4096
)

// checkUser checks the user of a call that is about a user.
func checkUser(op string, u *User) error {
	if u == nil {
		return newError(op, ErrMissingParameters, "the user is nil")
	}
	if err := checkUID(op, u.UID); err != nil {
		return err
	}
	return checkUserFields(op, u)
}

// checkNewUser checks a user that is to be created.
func checkNewUser(op string, u *User) error {
	if err := checkUser(op, u); err != nil {
		return err
	}
	if strings.TrimSpace(u.Name) == "" {
		return newError(op, ErrMissingParameters, "the user's name is missing")
	}
	return nil
}

func checkUserFields(op string, u *User) error {
	for _, f := range []struct {
		name, value string
		limit       int
	}{
		{"name", u.Name, maxNameLength},
		{"role", u.Role, maxNameLength},
		{"avatar", u.Avatar, maxURLLength},
		{"link", u.Link, maxURLLength},
	} {
		if flaw := textFlaw(f.value, f.limit); flaw != "" {
			return newError(op, ErrBadRequest, "the user's %s %s", f.name, flaw)
		}
	}
	if err := checkTags(op, "the user", u.Tags); err != nil {
		return err
	}
	if len(u.Metadata) > 0 && !json.Valid(u.Metadata) {
		return newError(op, ErrBadRequest, "the user's metadata is not JSON")
	}
	return nil
}

// isNoJSON reports whether raw is blank or null.
func isNoJSON(raw json.RawMessage) bool {
	text := strings.TrimSpace(string(raw))
	return text == "" || text == "null"
}

// checkTags refuses tags beyond the documented limits. whose says what has the tags.
func checkTags(op, whose string, tags []string) error {
	if len(tags) > maxTags {
		return newError(op, ErrBadRequest, "%s has %d tags, more than %d", whose, len(tags), maxTags)
	}
	for i, tag := range tags {
		if flaw := textFlaw(tag, maxTagLength); flaw != "" {
			return newError(op, ErrBadRequest, "tag %d of %s %s", i, whose, flaw)
		}
	}
	return nil
}

// checkUID refuses a uid that is too long or not safe in a path. Like the JavaScript SDK, it leaves the documented alphabet to
// the server.
func checkUID(op, uid string) error {
	if strings.TrimSpace(uid) == "" {
		return newError(op, ErrMissingParameters, "the uid is missing")
	}
	if uid == "." || uid == ".." {
		return newError(op, ErrInvalidUID, "the uid is a dot segment")
	}
	if flaw := textFlaw(uid, maxUIDLength); flaw != "" {
		return newError(op, ErrInvalidUID, "the uid %s", flaw)
	}
	return nil
}

// checkUIDs checks the users that a call is about.
func checkUIDs(op string, uids []string) error {
	if len(uids) == 0 {
		return newError(op, ErrMissingParameters, "there is no uid")
	}
	for _, uid := range uids {
		if err := checkUID(op, uid); err != nil {
			return err
		}
	}
	return nil
}

// foldUID lower-cases a uid as the server does: ASCII letters only. Some other characters have an ASCII letter as their lower
// case, and must not make two uids the same.
func foldUID(uid string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, uid)
}

func sameUID(a, b string) bool { return foldUID(a) == foldUID(b) }

// textFlaw says what is wrong with a text of at most limit characters, in words that follow the text's name; "" if nothing is.
func textFlaw(s string, limit int) string {
	switch {
	case !utf8.ValidString(s):
		return "is not valid UTF-8"
	case utf8.RuneCountInString(s) > limit:
		return fmt.Sprintf("is longer than %d characters", limit)
	case strings.HasSuffix(s, "\n") || strings.HasSuffix(s, "\r"):
		return "ends in a line break: remove it"
	case strings.ContainsFunc(s, unicode.IsControl):
		return "contains a control character"
	}
	return ""
}

// checkSecret refuses a key or token that could not be sent as a header.
func checkSecret(op, name, secret string, limit int) error {
	if strings.TrimSpace(secret) == "" {
		return newError(op, ErrMissingParameters, "the %s is missing", name)
	}
	if secret == "." || secret == ".." {
		return newError(op, ErrBadRequest, "the %s is a dot segment", name)
	}
	if flaw := secretFlaw(secret, limit); flaw != "" {
		return newError(op, ErrBadRequest, "the %s %s", name, flaw)
	}
	return nil
}

// secretFlaw says what is wrong with a key or token, in words that follow its name; "" if nothing is. Only ASCII passes
// through a header unchanged, and is sure to be found by redact.
func secretFlaw(secret string, limit int) string {
	if flaw := textFlaw(secret, limit); flaw != "" {
		return flaw
	}
	if strings.ContainsFunc(secret, func(r rune) bool { return r > '~' }) {
		return "contains a character that is not ASCII"
	}
	return ""
}

func listedUserFlaw(w *wireUser) string { return answerFlaw(w.UID, "", "", "") }

// wireStatus returns the API's word for a status.
func wireStatus(op, status string) (string, error) {
	switch status {
	case "", StatusOffline:
		return status, nil
	case StatusOnline:
		return statusAvailable, nil
	}
	return "", newError(op, ErrBadRequest, "the status %q is not %s or %s", status, StatusOnline, StatusOffline)
}

func checkSearchIn(op string, fields []string) error {
	for _, in := range fields {
		if in != "uid" && in != "name" {
			return newError(op, ErrBadRequest, "users cannot be searched in %q, only in uid and name", in)
		}
	}
	return nil
}

// checkNoComma refuses a comma in texts that a query joins with commas.
func checkNoComma(op string, lists ...[]string) error {
	for _, text := range slices.Concat(lists...) {
		if strings.Contains(text, ",") {
			return newError(op, ErrBadRequest, "%.200q has a comma: the server would read it as two", text)
		}
	}
	return nil
}

// answerFlaw says what is wrong with an answer that is about the user uid and should be about wantUID (any user if empty), and
// that has this auth token and this JWT (none if empty). It checks them as strictly as arguments.
func answerFlaw(uid, wantUID, authToken, jwt string) string {
	switch {
	case uid == "":
		return "the server's answer names no user"
	case checkUID("", uid) != nil:
		return "the server's answer has a uid that cannot be used"
	case wantUID != "" && !sameUID(uid, wantUID):
		return "the server's answer is about another user"
	case authToken != "" && checkSecret("", "", authToken, maxTokenLength) != nil:
		return "the server's answer has an auth token that cannot be sent"
	case jwt != "" && checkSecret("", "", jwt, maxJWTLength) != nil:
		return "the server's answer has a JWT that cannot be sent"
	}
	return ""
}

// parseHost checks a base URL and returns it with its host in lower case and without a slash at its end. which names the host
// for an error. It accepts plain http: see plainFlaw.
func parseHost(which, baseURL string) (string, error) {
	const given = "-" // so that newConfig does not report a refused host as missing too
	u, err := url.Parse(strings.TrimSpace(baseURL))
	if err != nil {
		return given, fmt.Errorf("the %s host is not a URL", which)
	}
	port, perr := strconv.ParseUint(u.Port(), 10, 16)
	switch {
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return given, fmt.Errorf("the %s host has to be a full URL, as in https://chat.example.com/%s", which, apiVersion)
	case strings.HasSuffix(u.Host, ":") || u.Port() != "" && (perr != nil || port == 0):
		return given, fmt.Errorf("the %s host has a port that is not from 1 to 65535", which)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return given, fmt.Errorf("the %s host has to be a URL without user, query and fragment", which)
	case u.Path != "" && path.Clean(u.Path) != strings.TrimRight(u.Path, "/") && strings.Trim(u.Path, "/") != "":
		return given, fmt.Errorf("the %s host has a path with empty or dot segments", which)
	}
	u.Host = strings.ToLower(u.Host)
	return strings.TrimRight(u.String(), "/"), nil
}
