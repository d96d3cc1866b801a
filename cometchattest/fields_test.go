package cometchattest_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestWrongFieldIsNamed sends each field of every body with another JSON type than the field has.
func TestWrongFieldIsNamed(t *testing.T) {
	t.Parallel()
	s := started(t)
	const text, flag, texts, fields = `"a"`, `true`, `["a"]`, `{}`
	user := map[string]string{
		"uid": text, "name": text, "avatar": text, "link": text, "role": text, "statusMessage": text, "metadata": fields,
		"tags": texts, "unset": texts, "withAuthToken": flag,
	}
	device := map[string]string{"platform": text, "userAgent": text, "appInfo": fields}
	me := maps.Clone(user)
	maps.Copy(me, device)
	token := s.CreateAuthToken(uid(1))
	for route, kinds := range map[string]map[string]string{
		"POST /users":                             user,
		"PUT /users/cometchat-uid-1":              user,
		"PUT /users":                              {"uidsToActivate": texts},
		"DELETE /users":                           {"uidsToDeactivate": texts},
		"DELETE /users/cometchat-uid-1":           {"permanent": flag},
		"PUT /me":                                 me,
		"POST /user_sessions":                     {"sessionId": text},
		"POST /blockedusers":                      {"blockedUids": texts},
		"DELETE /blockedusers":                    {"blockedUids": texts},
		"POST /users/cometchat-uid-1/auth_tokens": {"force": flag},
		"PUT /users/cometchat-uid-1/auth_tokens/" + token: device,
		"POST /users/cometchat-uid-1/blockedusers":        {"blockedUids": texts},
		"DELETE /users/cometchat-uid-1/blockedusers":      {"blockedUids": texts},
		"POST /users/cometchat-uid-1/friends":             {"accepted": texts},
		"DELETE /users/cometchat-uid-1/friends":           {"friends": texts},
		"POST /messages": {
			"receiver": text, "receiverType": text, "category": text, "type": text, "muid": text, "tags": texts, "data": fields,
		},
	} {
		method, path, _ := strings.Cut(route, " ")
		header := headers{"apikey": s.APIKey, "onBehalfOf": uid(1)}
		if !strings.HasPrefix(path, "/users") {
			header = headers{"authtoken": token}
		}
		for name, kind := range kinds {
			for _, value := range []string{`42`, `"true"`, text, flag, `false`, `["a"]`, `[1]`, `{}`} {
				if value[0] == kind[0] && value != `[1]` || kind == flag && value == `false` {
					continue
				}
				status, answer := call(t, s, method, "/v3"+path, `{"`+name+`":`+value+`}`, header)
				what := route + ": " + name + " is " + value
				assertRefused(t, status, answer, 400, "ERR_BAD_REQUEST", "validate")
				failure, _ := answer["error"].(object)
				details, _ := failure["details"].(object)
				sentences, _ := details[name].([]any)
				if assert.Len(t, sentences, 1, what) {
					assert.Contains(t, sentences[0], "The "+name+" must be "+map[string]string{
						text: "a text, not ", flag: "true or false, not ", texts: "a list", fields: "an object",
					}[kind], what)
				}
			}
		}
	}
}

// TestEveryWrongFieldIsNamed shows that one wrong field does not hide another.
func TestEveryWrongFieldIsNamed(t *testing.T) {
	t.Parallel()
	s := started(t)
	_, answer := me(t, s, s.CreateAuthToken(uid(1)), `{"name":1,"platform":2,"tags":["a",3],"statusMessage":"fine","appInfo":{}}`)
	assert.Equal(t, object{
		"name": []any{"The name must be a text, not a number."}, "platform": []any{"The platform must be a text, not a number."},
		"tags": []any{"The tags must be a list of texts."},
	}, answer["error"].(object)["details"]) //nolint:forcetypeassert // a wrong form fails the test
	_, answer = me(t, s, s.CreateAuthToken(uid(1)), `{"name":"","appInfo":"x"}`)
	assert.Equal(t, object{"name": []any{"The name field is required."}, "appInfo": []any{"The appInfo must be an object."}},
		answer["error"].(object)["details"]) //nolint:forcetypeassert // as above
}

func TestBodyThatIsNoObject(t *testing.T) {
	t.Parallel()
	s := started(t)
	for _, tc := range []struct{ contentType, body, says string }{
		{"application/x-www-form-urlencoded", "uid=ada&name=Ada", "a form (application/x-www-form-urlencoded), but this API takes JSON"},
		{"multipart/form-data; boundary=x", "--x\r\n\r\n--x--", "a form (multipart/form-data), but this API takes JSON"},
		{"application/json", "uid=ada", "The body is not JSON: invalid character 'u'"},
		{"application/json", `{"uid":"ada"`, "The body is not JSON: unexpected end"},
		{"application/json", `["ada"]`, "The body has to be a JSON object, not a list."},
		{"application/json", `"ada"`, "The body has to be a JSON object, not a text."},
		{"application/json", ` 42`, "The body has to be a JSON object, not a number."},
		{"application/json", `true`, "The body has to be a JSON object, not true or false."},
		{"application/x-www-form-urlencoded", `{"uid":42,"name":"Ada"}`, "validate"},
	} {
		status, answer := call(t, s, "POST", "/v3/users", tc.body, headers{"apikey": s.APIKey, "Content-Type": tc.contentType})
		assertRefused(t, status, answer, 400, "ERR_BAD_REQUEST", tc.says)
	}
	status, answer := call(t, s, "POST", "/v3/users", `{"uid":"ada","name":"Ada"}`,
		headers{"apikey": s.APIKey, "Content-Type": "application/x-www-form-urlencoded"})
	assert.Equal(t, "ada", data(t, status, answer)["uid"], "curl -d names this type also for JSON")
}
