package cometchat_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSentinelsMatchTheirCodes(t *testing.T) {
	t.Parallel()
	all := map[string]error{
		"COMETCHAT_INITIALIZATION_NOT_DONE": cometchat.ErrNotInitialized,
		"MISSING_PARAMETERS":                cometchat.ErrMissingParameters,
		"ERR_INVALID_UID":                   cometchat.ErrInvalidUID,
		"USER_NOT_LOGGED_IN":                cometchat.ErrNotLoggedIn,
		"OTHER_USER":                        cometchat.ErrOtherUser,
		"LOGIN_IN_PROGRESS":                 cometchat.ErrLoginInProgress,
		"ERR_UID_NOT_FOUND":                 cometchat.ErrUIDNotFound,
		"ERR_UID_ALREADY_EXISTS":            cometchat.ErrUIDAlreadyExists,
		"AUTH_ERR_AUTH_TOKEN_NOT_FOUND":     cometchat.ErrAuthTokenNotFound,
		"ERR_AUTH_TOKEN_NOT_FOUND":          cometchat.ErrAuthTokenNotFound,
		"AUTH_ERR_APIKEY_NOT_FOUND":         cometchat.ErrAPIKeyNotFound,
		"ERR_APIKEY_NOT_FOUND":              cometchat.ErrAPIKeyNotFound,
		"AUTH_ERR_INVALID_APPID":            cometchat.ErrInvalidAppID,
		"AUTH_ERR_NO_ACCESS":                cometchat.ErrNoAccess,
		"ERR_TOO_MANY_REQUESTS":             cometchat.ErrTooManyRequests,
		"TOO_MANY_REQUEST":                  cometchat.ErrTooManyRequests,
		"ERR_BAD_REQUEST":                   cometchat.ErrBadRequest,
	}
	for code, sentinel := range all {
		err := fmt.Errorf("wrapped: %w", &cometchat.Error{Code: code})
		for other, otherSentinel := range all {
			assert.Equal(t, sentinel == otherSentinel, errors.Is(err, otherSentinel), "%s against %s", code, other) //nolint:errorlint // identity is meant
		}
		assert.NotEmpty(t, sentinel.Error())
	}
	for _, sentinel := range all {
		require.NotErrorIs(t, &cometchat.Error{}, sentinel, "an error without a code matches no sentinel")
	}
	require.ErrorIs(t, fmt.Errorf("mine: %w", cometchat.ErrNoSession), cometchat.ErrNoSession)
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]*cometchat.Error{
		"cometchat: Login: no such app; check that the app id and the region belong together (AUTH_ERR_INVALID_APPID, HTTP 401)": {
			Op: "Login", Code: "AUTH_ERR_INVALID_APPID", Message: "no such app.", StatusCode: 401,
		},
		"cometchat: slow (ERR_TOO_MANY_REQUESTS, HTTP 429, 3 attempts, retry after 15s)": {
			Code: "ERR_TOO_MANY_REQUESTS", Message: "slow", StatusCode: 429, Attempts: 3, RetryAfter: 15e9,
		},
		"cometchat: Login: no  time=1 level=INFO (ERR_X)": {Op: "Login", Code: "ERR_X", Message: "no\r\ntime=1\x00level=INFO"},
		`cometchat: no: {"uid":["is taken"]} (ERR_X)`:     {Code: "ERR_X", Message: "no", Details: json.RawMessage(`{"uid":["is taken"]}`)},
		"cometchat: no (ERR_X)":                           {Code: "ERR_X", Message: "no", Details: json.RawMessage(strings.Repeat(" ", 301))},
		"<nil>":                                           nil,
	} {
		assert.Equal(t, want, e.Error())
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
			assert.Equal(t, want, fmt.Sprintf(verb, e), verb)
		}
		assert.Equal(t, fmt.Sprintf("%q", want), fmt.Sprintf("%q", e))
	}
	var none *cometchat.Error
	require.NoError(t, none.Unwrap())
	require.NotErrorIs(t, none, cometchat.ErrBadRequest)
	assert.Equal(t, "<nil>", none.LogValue().String())
}

func TestErrorInALog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "err", &cometchat.Error{
		Op: "Login", Code: "ERR_X", Message: "no", StatusCode: 400, Attempts: 2,
	})
	var record object
	require.NoError(t, json.Unmarshal(log.Bytes(), &record))
	assert.Equal(t, object{
		"message": "cometchat: Login: no (ERR_X, HTTP 400, 2 attempts)", "code": "ERR_X", "status": 400.0, "attempts": 2.0,
	}, record["err"])
}

func TestDetailsInEveryForm(t *testing.T) {
	t.Parallel()
	for _, details := range []string{
		`{"uid":["bad"]}`, `{"uid":"bad"}`, `["bad","worse"]`, `"bad"`, `12345678901234567890.5`, `[]`, `{}`,
	} {
		w := newWire()
		w.answer("PUT", meURL, 400, `{"error":{"code":"ERR_BAD_REQUEST","details":`+details+`}}`)
		_, err := w.client(t).LoginWithToken(t.Context(), "t")
		require.ErrorIs(t, err, cometchat.ErrBadRequest)
		assert.Equal(t, details, string(asError(err).Details), "the bytes are unchanged")
		assert.Contains(t, asError(err).Message, "did not say why")
	}
	w := newWire()
	w.answer("PUT", meURL, 400, `{"error":{"code":"ERR_BAD_REQUEST","details":null}}`)
	_, err := w.client(t).LoginWithToken(t.Context(), "t")
	assert.Nil(t, asError(err).Details)
}
