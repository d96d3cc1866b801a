package cometchat_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cometchat-go/cometchat"
)

// TestActionMessageNamesItsActors reads action messages, which have their sender and receiver only in what they tell.
func TestActionMessageNamesItsActors(t *testing.T) {
	t.Parallel()
	const ada, ben = `{"uid":"ada","name":"Ada"}`, `{"uid":"ben","name":"Ben"}`
	for name, tc := range map[string]struct {
		receiver, entities      string
		sender, toUser, toGroup string
	}{
		"between users": {`"receiverType":"user","receiver":"ben"`,
			`"by":{"entityType":"user","entity":` + ada + `},"for":{"entityType":"user","entity":` + ben + `}`, "Ada", "Ben", ""},
		"in a group": {`"receiverType":"group","receiver":"g"`,
			`"by":{"entityType":"user","entity":` + ada + `},"for":{"entityType":"group","entity":{"guid":"g","name":"Hikers"}}`, "Ada", "", "Hikers"},
		"by and for others": {`"receiverType":"user","receiver":"cleo"`,
			`"by":{"entityType":"user","entity":` + ben + `},"for":{"entityType":"user","entity":` + ben + `}`, "", "", ""},
		"with a sender of its own": {`"receiverType":"user","receiver":"ben"`,
			`"by":{"entityType":"user","entity":` + ada + `},"sender":{"entityType":"user","entity":{"uid":"ada","name":"Ada of the sender"}}`,
			"Ada of the sender", "", ""},
		"without anything": {`"receiverType":"user","receiver":"ben"`, ``, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var m cometchat.Message
			require.NoError(t, json.Unmarshal([]byte(`{"id":"7","category":"action","type":"message","sender":"ada",`+tc.receiver+
				`,"data":{"action":"edited","entities":{`+tc.entities+`}}}`), &m))
			toUser, toGroup := "", ""
			if m.ReceiverUser != nil {
				toUser = m.ReceiverUser.Name
			}
			if m.ReceiverGroup != nil {
				toGroup = m.ReceiverGroup.Name
			}
			assert.Equal(t, []string{"ada", tc.sender, tc.toUser, tc.toGroup}, []string{m.Sender.UID, m.Sender.Name, toUser, toGroup})
			if m.Action.By != nil {
				assert.NotSame(t, m.Action.By, m.Sender, "a change of one must not be a change of the other")
			}
		})
	}
}
