package cometchat_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func ExampleUser_String() {
	user := &cometchat.User{UID: "ada", Name: "Ada", Status: cometchat.StatusOnline, Metadata: []byte(`{"n":1}`)}
	fmt.Println(user)
	fmt.Println(*user)
	// Output:
	// Ada (ada), online
	// Ada (ada), online
}

func TestUserString(t *testing.T) {
	t.Parallel()
	for want, u := range map[string]cometchat.User{
		"Ada (ada), online":              {UID: "ada", Name: "Ada", Status: cometchat.StatusOnline},
		"Ada (ada), offline":             {UID: "ada", Name: "Ada", Status: cometchat.StatusOffline},
		"Ada (ada)":                      {UID: "ada", Name: "Ada", Metadata: []byte(`{"secret":"plans"}`), Tags: []string{"t"}},
		"ada, online":                    {UID: "ada", Status: cometchat.StatusOnline},
		"ada":                            {UID: "ada"},
		"Ada":                            {Name: "Ada"},
		"user without a uid":             {},
		"A  level=INFO msg=x (a [31m b)": {UID: "a\x1b[31m\u2028b", Name: "A\r\nlevel=INFO msg=x"},
		"Zoë 👩‍👩‍👧 (z), busy":            {UID: "z", Name: "Zoë 👩‍👩‍👧", Status: "busy"},
	} {
		assert.Equal(t, want, u.String())
		for _, verb := range []string{"%v", "%s"} {
			assert.Equal(t, want, fmt.Sprintf(verb, u))
			assert.Equal(t, want, fmt.Sprintf(verb, &u))
		}
	}
	assert.Equal(t, "<nil>", fmt.Sprint((*cometchat.User)(nil)))

	// String does not change the JSON.
	raw, err := json.Marshal(cometchat.User{UID: "ada", Name: "Ada"})
	require.NoError(t, err)
	assert.Contains(t, string(raw), `"uid":"ada"`)
}

// TestUserStringOfTheServer checks that the text has none of the fields that the server adds to a user, such as its token.
func TestUserStringOfTheServer(t *testing.T) {
	t.Parallel()
	w := newWire()
	me := meAnswer(uid1)
	me["authToken"], me["jwt"], me["name"] = canaryToken, canaryJWT, "Ada\n"+"ERROR all is lost"
	w.answer("PUT", meURL, 200, data(me))
	u, err := w.client(t).LoginWithToken(t.Context(), canaryToken)
	require.NoError(t, err)
	assertUnprintable(t, u)
	assertUnprintable(t, *u)
	assert.Equal(t, "Ada ERROR all is lost (cometchat-uid-1), online", fmt.Sprint(u))
}
