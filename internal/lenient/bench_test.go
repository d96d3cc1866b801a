package lenient_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// user has the fields that CometChat's REST API sends.
type user struct {
	UID          string          `json:"uid"`
	Name         string          `json:"name"`
	Avatar       string          `json:"avatar"`
	Link         string          `json:"link"`
	Role         string          `json:"role"`
	Status       string          `json:"status"`
	Metadata     json.RawMessage `json:"metadata"`
	Tags         []string        `json:"tags"`
	LastActiveAt at              `json:"lastActiveAt"`
	CreatedAt    at              `json:"createdAt"`
	HasBlockedMe bool            `json:"hasBlockedMe"`
	Conversation string          `json:"conversationId"`
}

const userJSON = `{"uid":"cometchat-uid-1","name":"Andrew Joseph","avatar":"https://example.com/andrew.png","link":"https://example.com/andrew",
"role":"default","status":"online","metadata":{"email":"andrew@example.com","nested":{"a":[1,2,3]}},"tags":["vip","beta"],"lastActiveAt":1696935105,
"createdAt":1696930174,"hasBlockedMe":false,"conversationId":"cometchat-uid-1_user_cometchat-uid-2"}`

var oddUserJSON = strings.Replace(userJSON, `"hasBlockedMe":false`, `"hasBlockedMe":0`, 1)

// TestStrictPassIsFree holds that what is as documented costs no allocation more than with encoding/json.
func TestStrictPassIsFree(t *testing.T) { //nolint:paralleltest // AllocsPerRun refuses it
	data := []byte(userJSON)
	strict := testing.AllocsPerRun(100, func() {
		var u user
		_ = json.Unmarshal(data, &u)
	})
	ours := testing.AllocsPerRun(100, func() {
		var u user
		_, _ = lenient.Unmarshal(data, &u)
	})
	assert.InDelta(t, strict, ours, 0)
}

func BenchmarkEncodingJSON(b *testing.B) {
	b.ReportAllocs()
	data := []byte(userJSON)
	for b.Loop() {
		var u user
		require.NoError(b, json.Unmarshal(data, &u))
	}
}

func BenchmarkUnmarshal(b *testing.B) {
	for name, data := range map[string]string{"as documented": userJSON, "one odd field": oddUserJSON} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			answer := []byte(data)
			for b.Loop() {
				var u user
				_, err := lenient.Unmarshal(answer, &u)
				require.NoError(b, err)
			}
		})
	}
}
