package cometchattest_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// conversationWithAll returns a server where the first two users have one message for each filter, with a second between them.
func conversationWithAll(t *testing.T) *cometchattest.Server {
	t.Helper()
	clock := newClock()
	s := started(t, clock.option())
	one, two := actorOf(t, s, uid(1)), actorOf(t, s, uid(2))
	for _, step := range []func(){
		func() { one.send(uid(2), "See https://a.test", object{"tags": []string{"x"}}) }, // 1
		func() { two.send(uid(1), "hello <@uid:cometchat-uid-1>", nil) },                 // 2
		func() {
			two.send(uid(1), "", object{"type": "image", "data": object{"attachments": []object{{"url": "u", "mimeType": "image/png"}}}})
		}, // 3
		func() {
			two.send(uid(1), "", object{"type": "audio", "data": object{"attachments": []object{{"url": "u"}}}})
		}, // 4
		func() {
			two.send(uid(1), "", object{"type": "file", "data": object{"attachments": []object{{"url": "u", "mimeType": "text/plain"}}}})
		}, // 5
		func() {
			one.send(uid(2), "", object{"category": "custom", "type": "place", "data": object{"customData": object{}}})
		}, // 6
		func() { one.reply("1", uid(2), "reply") },                            // 7
		func() { one.send(uid(2), "quotes", object{"quotedMessageId": "1"}) }, // 8
		func() { two.send(uid(1), "oops", nil) },                              // 9
		func() { two.do("DELETE", "/messages/9", "") },                        // 10
		func() { two.do("PUT", "/messages/2", `{"tags":["x","y"]}`) },         // 11
		func() { actorOf(t, s, uid(3)).send(uid(1), "from a third", nil) },    // 12
		func() { actorOf(t, s, uid(4)).send(uid(5), "of others", nil) },       // 13
		func() { two.do("POST", "/users/cometchat-uid-1/conversation/delivered", `{"messageId":7}`) },
		func() { one.do("POST", "/users/cometchat-uid-2/conversation/delivered", `{"messageId":4}`) },
		func() { one.do("POST", "/users/cometchat-uid-2/conversation/read", `{"messageId":3}`) },
		func() { one.do("POST", "/blockedusers", `{"blockedUids":["cometchat-uid-3"]}`) },
	} {
		step()
		clock.pass(time.Second)
	}
	return s
}

func TestMessageFilters(t *testing.T) {
	t.Parallel()
	s := conversationWithAll(t)
	one := actorOf(t, s, uid(1))
	sent := func(n int) string { return strconv.FormatInt(newClock().now.Unix()+int64(n)-1, 10) }
	for query, want := range map[string][]any{
		"":                                {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"},
		"searchKey=HELLO":                 {"2"},
		"hasLinks=1":                      {"1"},
		"hasMentions=true":                {"2"},
		"myMentionsOnly=1":                {"2"},
		"mentionedUids=a,Cometchat-UID-1": {"2"},
		"mentionedUids=a":                 {},
		"hasAttachments=1":                {"3", "4", "5"},
		"attachmentTypes=image,audio":     {"3", "4"},
		"attachmentTypes=file":            {"5"},
		"categories=custom,action":        {"6", "10", "11"},
		"category=custom&types=place":     {"6"},
		"type=image":                      {"3"},
		"tags=y,z":                        {"2"},
		"tags=x":                          {"1", "2"},
		"hideReplies=true":                {"1", "2", "3", "4", "5", "6", "8", "9", "10", "11", "12"},
		"hideDeleted=1&hideReplies=0":     {"1", "2", "3", "4", "5", "6", "7", "8", "10", "11", "12"},
		"onlyDeleted=1":                   {"9"},
		"hasReactions=1":                  {},
		"pinned=1":                        {},
		"saved=1":                         {},
		"onlyInteractionGoalCompleted=1":  {},
		"sender=cometchat-uid-3":          {"12"},
		"senders=cometchat-uid-3,a":       {"12"},
		"receiverType=group":              {},
		"conversationId=cometchat-uid-1_user_cometchat-uid-3": {"12"},
		"hideMessagesFromBlockedUsers=1&affix=append&id=9":    {"10", "11"},
		"unread=1":                                  {"4", "5", "12"},
		"undelivered=1":                             {"5", "9", "12"},
		"onlyUpdates=1":                             {"2", "9"},
		"updatedAt=" + sent(10):                     {"2", "11", "12"},
		"updatedAt[from]=" + sent(11):               {"2"},
		"updatedAt[to]=" + sent(10):                 {"9"},
		"editedAt[from]=1":                          {"2"},
		"editedAt[to]=1":                            {},
		"sentAt[from]=" + sent(11):                  {"11", "12"},
		"sentAt[to]=" + sent(2):                     {"1", "2"},
		"fromTimestamp=" + sent(11):                 {"11", "12"},
		"toTimestamp=1&searchKey=hello":             {"2"},
		"fromTimestamp=1&toTimestamp=" + sent(2):    {"1", "2"},
		"sentAt=" + sent(3):                         {"1", "2"},
		"sentAt=" + sent(10) + "&affix=append":      {"11", "12"},
		"sentAt=" + sent(1) + "&id=3&affix=prepend": {"1", "2"},
		"id=10&affix=append":                        {"11", "12"},
		"id=0&affix=append&per_page=2":              {"1", "2"},
		"affix=append&limit=2":                      {"1", "2"},
		"per_page=2":                                {"11", "12"},
		"perPage=2&page=2":                          {"9", "10"},
		"id=5&affix=prepend&per_page=2":             {"3", "4"},
		"id=99&affix=append":                        {},
	} {
		assert.Equal(t, want, anys(one.ids("/messages?"+query)), query)
	}
	assert.Equal(t, texts(1, 11), one.ids("/users/COMETCHAT-UID-2/messages"))
	assert.Empty(t, one.ids("/users/cometchat-uid-4/messages"))
	assert.Equal(t, []any{"7"}, one.ids("/messages/1/thread?hideReplies=true"))
	assert.Equal(t, []any{"1", "7"}, one.ids("/messages/1/thread?withParent=1"))
	server := onBehalf(t, s, "")
	assert.Equal(t, texts(4, 13), server.ids("/messages"), "a server's page has 10 messages")
	assert.Equal(t, texts(1, 13), server.ids("/messages?limit=1000"))
	assert.Equal(t, []any{"12"}, server.ids("/users/cometchat-uid-3/messages"))
	assert.Equal(t, []any{"12"}, onBehalf(t, s, uid(3)).ids("/users/cometchat-uid-1/messages"))

	for _, query := range []string{
		"per_page=101", "per_page=0", "limit=x", "affix=x", "id=x", "id=-1", "sentAt=x", "updatedAt=x", "hasLinks=2", "unread=x", "attachmentTypes=x",
		"fromTimestamp=x", "sentAt[to]=x", "page=0", "page=99999999999", "withTags=x", "count=1", "count=x&unread=1", "count=1&unread=1&hasLinks=x",
	} {
		one.refused("GET", "/messages?"+query, "", 400, "ERR_BAD_REQUEST")
		one.refused("GET", "/users/cometchat-uid-2/messages?"+query, "", 400, "ERR_BAD_REQUEST")
	}
	server.refused("GET", "/messages?limit=1001", "", 400, "ERR_BAD_REQUEST")
	server.refused("GET", "/messages?unread=1&count=1", "", 400, "ERR_BAD_REQUEST")
	one.refused("GET", "/users/nobody/messages", "", 404, "ERR_UID_NOT_FOUND")
	onBehalf(t, s, "nobody").refused("GET", "/users/cometchat-uid-1/messages", "", 404, "ERR_UID_NOT_FOUND")
}

// anys returns list, and an empty list for nil.
func anys(list []any) []any { return append([]any{}, list...) }

// TestMessageViews has what a row shows only to some viewers, or on request.
func TestMessageViews(t *testing.T) {
	t.Parallel()
	s := conversationWithAll(t)
	one, two := actorOf(t, s, uid(1)), actorOf(t, s, uid(2))
	row := func(a *actor, id, query string) object {
		t.Helper()
		n, err := strconv.Atoi(id)
		require.NoError(t, err)
		rows, _ := a.list(fmt.Sprintf("/messages?affix=append&id=%d&per_page=1&%s", n-1, query))
		require.Len(t, rows, 1)
		return rows[0]
	}
	assert.Nil(t, row(one, "1", "")["tags"])
	assert.Equal(t, []any{"x"}, row(one, "1", "withTags=1")["tags"])
	assert.Nil(t, row(one, "1", "")["threadSubscribed"])
	assert.Equal(t, true, row(one, "1", "withThreadSubscribed=true")["threadSubscribed"])
	assert.Equal(t, false, row(two, "1", "withThreadSubscribed=true")["threadSubscribed"])
	assert.EqualValues(t, 1, row(one, "1", "")["replyCount"])
	assert.EqualValues(t, 1, row(two, "1", "")["unreadRepliesCount"])
	assert.NotNil(t, row(one, "1", "")["deliveredAt"], "the sender sees when")
	assert.Nil(t, row(one, "1", "")["readAt"])
	assert.NotNil(t, at(t, row(two, "1", ""), "myReceipt", "deliveredAt"))
	assert.Nil(t, row(one, "8", "")["deliveredAt"])
	assert.NotNil(t, at(t, row(one, "3", ""), "myReceipt", "readAt"))
	assert.Nil(t, at(t, row(one, "4", ""), "myReceipt", "readAt"))
	assert.Equal(t, "1", at(t, row(one, "8", ""), "quotedMessage", "id"))
	assert.Nil(t, row(one, "8", "hideQuotedMessages=1")["quotedMessage"])
	assert.NotContains(t, at(t, row(one, "2", ""), "data", "mentions", uid(1)), "hasBlockedMe")
	assert.Contains(t, at(t, row(one, "2", "mentionsWithBlockedInfo=1&mentionsWithTagInfo=1"), "data", "mentions", uid(1)), "hasBlockedMe")

	receipts, _ := at(t, one.do("GET", "/messages/1", ""), "receipts", "data").([]any)
	require.Len(t, receipts, 1)
	assert.Equal(t, uid(2), at(t, receipts[0], "recipient", "uid"))
	assert.NotNil(t, at(t, receipts[0], "deliveredAt"))
	assert.Equal(t, []any{}, at(t, one.do("GET", "/messages/8", ""), "receipts", "data"))

	s.DeleteUser(uid(2))
	assert.Equal(t, []any{uid(2), uid(2)}, []any{
		at(t, row(one, "2", ""), "data", "entities", "sender", "entity", "uid"), at(t, row(one, "2", ""), "data", "entities", "sender", "entity", "name"),
	}, "the messages of a deleted user stay")
	assert.Equal(t, []any{}, at(t, one.do("GET", "/messages/1", ""), "receipts", "data"))
}

// TestPagesOfMessages reads a conversation in pages both ways, with both forms of meta, while messages come and go.
func TestPagesOfMessages(t *testing.T) {
	t.Parallel()
	s := started(t)
	one, two := actorOf(t, s, uid(1)), actorOf(t, s, uid(2))
	const messages = 250
	for i := range messages {
		one.send(uid(2), fmt.Sprint(i), nil)
		if i%10 == 0 {
			actorOf(t, s, uid(3)).send(uid(4), "another conversation", nil)
		}
	}
	want := two.ids("/users/cometchat-uid-1/messages?per_page=100")
	assert.Len(t, want, 100)
	all := onBehalf(t, s, uid(2)).ids("/users/cometchat-uid-1/messages?limit=1000")
	require.Len(t, all, messages)
	for _, affix := range []string{"prepend", "append"} {
		for path, position := range map[string][]string{"/users/cometchat-uid-1/messages": {"cursor"}, "/messages": {"next"}} {
			var read [][]any
			query := ""
			for {
				rows, meta := two.list(path + "?per_page=100&affix=" + affix + query)
				read = append(read, field(rows, "id"))
				next, _ := at(t, meta, position...).(object)
				if path == "/messages" {
					assert.Equal(t, object{"limit": 100.0, "count": float64(len(rows))}, meta["current"])
					cursor, _ := meta["cursor"].(object) // for the official SDK
					assert.Equal(t, fmt.Sprint(next["id"]), fmt.Sprint(cursor["id"]))
				} else {
					assert.EqualValues(t, len(rows), at(t, meta, "pagination", "count"))
					assert.Equal(t, map[bool]any{true: 1.0, false: 2.0}[next == nil], at(t, meta, "pagination", "total_pages"))
				}
				if next == nil {
					break
				}
				assert.Equal(t, affix, next["affix"])
				query = fmt.Sprintf("&id=%v", next["id"])
			}
			if affix == "prepend" {
				slices.Reverse(read)
			}
			require.Len(t, read, 3, path)
			assert.Equal(t, all, slices.Concat(read...), path+affix)
		}
	}
}

func TestUnreadCounts(t *testing.T) {
	t.Parallel()
	s := started(t)
	one, two, three := actorOf(t, s, uid(1)), actorOf(t, s, uid(2)), actorOf(t, s, uid(3))
	two.send(uid(1), "1", nil)
	two.send(uid(1), "2 <@uid:cometchat-uid-1>", nil)
	three.send(uid(1), "3", nil)
	one.send(uid(2), "4", nil)
	count := func(path string) map[any]any {
		rows, _ := one.list(path)
		counts := map[any]any{}
		for _, row := range rows {
			assert.Equal(t, "user", row["entityType"])
			counts[row["entityId"]] = row["count"]
		}
		return counts
	}
	all := map[any]any{uid(2): 2.0, uid(3): 1.0}
	assert.Equal(t, all, count("/messages?unread=1&count=1&hideMessagesFromBlockedUsers=0"))
	assert.Equal(t, all, count("/messages?unread=1&count=1&receiverType=user"))
	assert.Empty(t, count("/messages?unread=1&count=1&receiverType=group"))
	assert.Equal(t, map[any]any{uid(2): 2.0}, count("/users/cometchat-uid-2/messages?hideMessagesFromBlockedUsers=0&unread=1&count=1&uid=cometchat-uid-2"))
	assert.Empty(t, count("/users/cometchat-uid-4/messages?unread=1&count=1"))
	one.do("POST", "/blockedusers", `{"blockedUids":["cometchat-uid-3"]}`)
	assert.Equal(t, []any{uid(2)}, slices.Collect(maps.Keys(count("/messages?unread=1&count=1&hideMessagesFromBlockedUsers=1"))))
	two.do("DELETE", "/messages/1", "")
	assert.EqualValues(t, 1, count("/messages?unread=true&count=true")[uid(2)], "neither a deleted message nor an action message is unread")
}

func TestKeptMessages(t *testing.T) {
	t.Parallel()
	s := started(t, cometchattest.WithKeptMessages(3))
	one := actorOf(t, s, uid(1))
	one.send(uid(2), "parent", nil)
	one.reply("1", uid(2), "reply")
	for range 3 {
		one.send(uid(3), "x", nil)
	}
	assert.Equal(t, texts(3, 5), one.ids("/messages"))
	assert.Equal(t, texts(3, 5), one.ids("/messages?id=1&affix=append"), "the answer does not say that message 2 is missing")
	assert.Empty(t, one.ids("/users/cometchat-uid-2/messages"))
	one.refused("GET", "/users/cometchat-uid-2/conversation", "", 404, "ERR_CONVERSATION_NOT_ACCESSIBLE")
	assert.Equal(t, texts(4, 5), actorOf(t, saveAndLoadKeeping(t, s, 2), uid(1)).ids("/messages"), "Load keeps the bound")
	panics(t, "positive number", func() { cometchattest.WithKeptMessages(0) })
	s.AddUser(&cometchat.User{UID: "odd", Name: "Odd", Metadata: []byte("{")})
	assert.Equal(t, "Odd", at(t, one.send("odd", "x", nil), "data", "entities", "receiver", "entity", "name"))
}

// saveAndLoadKeeping loads what s saves into a server that keeps fewer messages.
func saveAndLoadKeeping(t *testing.T, s *cometchattest.Server, messages int) *cometchattest.Server {
	t.Helper()
	other := started(t, cometchattest.WithKeptMessages(messages))
	require.NoError(t, other.Load(strings.NewReader(state(t, s))))
	return other
}
