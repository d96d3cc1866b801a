package cometchat_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/cometchat-go/cometchat"
)

// newExampleHistory logs a client in, and sends two messages to a user.
func newExampleHistory(ctx context.Context) (client *cometchat.Client, ids []string, end func()) {
	client, server, end := newExampleClient()
	if _, err := client.Login(ctx, "cometchat-uid-1", server.AuthKey); err != nil {
		fmt.Println(err)
	}
	for _, text := range []string{"Shall we hike on Sunday?", "Bring water."} {
		ids = append(ids, server.SendMessage("cometchat-uid-1", "cometchat-uid-2", text).ID)
	}
	return client, ids, end
}

func ExampleClient_ListMessages() {
	ctx := context.Background()
	client, _, end := newExampleHistory(ctx)
	defer end()

	// From the newest message back. AfterID: "0" lists from the first message on.
	for m, err := range client.ListMessages(ctx, cometchat.MessagesRequest{With: cometchat.ToUser("cometchat-uid-2")}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(m.Sender.Name+":", m.Text)
	}
	// Output:
	// Andrew Joseph: Bring water.
	// Andrew Joseph: Shall we hike on Sunday?
}

func ExampleClient_ListMessagesPage() {
	ctx := context.Background()
	client, _, end := newExampleHistory(ctx)
	defer end()

	request := cometchat.MessagesRequest{With: cometchat.ToUser("cometchat-uid-2"), Limit: 1}
	page, err := client.ListMessagesPage(ctx, request, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(page.Items[0].Text)
	page, err = client.ListMessagesPage(ctx, request, page.Next) // Next is empty after the last page
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(page.Items[0].Text)
	// Output:
	// Bring water.
	// Shall we hike on Sunday?
}

func ExampleClient_EditMessage() {
	ctx := context.Background()
	client, ids, end := newExampleHistory(ctx)
	defer end()

	m, err := client.EditMessage(ctx, ids[1], cometchat.MessageEdit{Text: "Bring water and a hat."})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Text, m.EditedBy)

	m, err = client.DeleteMessage(ctx, ids[1])
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.DeletedBy, !m.DeletedAt.IsZero())

	_, err = client.GetMessage(ctx, "999")
	fmt.Println(errors.Is(err, cometchat.ErrMessageNotFound))
	// Output:
	// Bring water and a hat. cometchat-uid-1
	// cometchat-uid-1 true
	// true
}

func ExampleClient_AddReaction() {
	ctx := context.Background()
	client, ids, end := newExampleHistory(ctx)
	defer end()

	m, err := client.AddReaction(ctx, ids[0], "👍")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Reactions[0].Reaction, m.Reactions[0].Count, m.Reactions[0].ReactedByMe)

	for reaction, err := range client.ListReactions(ctx, cometchat.ReactionsRequest{MessageID: ids[0]}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(reaction.UID, reaction.Reaction)
	}
	// Output:
	// 👍 1 true
	// cometchat-uid-1 👍
}

func ExampleClient_PinMessage() {
	ctx := context.Background()
	client, ids, end := newExampleHistory(ctx)
	defer end()

	if _, err := client.PinMessage(ctx, ids[0]); err != nil {
		fmt.Println(err)
		return
	}
	request := cometchat.MessagesRequest{With: cometchat.ToUser("cometchat-uid-2"), Pinned: true}
	for m, err := range client.ListMessages(ctx, request) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(m.Text, "(pinned by "+m.PinnedBy+")")
	}
	// Output: Shall we hike on Sunday? (pinned by cometchat-uid-1)
}

func ExampleClient_FlagReasons() {
	ctx := context.Background()
	client, ids, end := newExampleHistory(ctx)
	defer end()

	reasons, err := client.FlagReasons(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, reason := range reasons {
		if reason.ID == "spam" {
			fmt.Println(reason.Name, client.FlagMessage(ctx, ids[0], reason.ID, "the same text each day"))
		}
	}
	// Output: Spam <nil>
}

func ExampleClient_ListThreads() {
	ctx := context.Background()
	client, ids, end := newExampleHistory(ctx)
	defer end()
	if err := client.Do(ctx, "POST", "/messages/"+ids[0]+"/thread", map[string]any{
		"receiver": "cometchat-uid-2", "receiverType": "user", "category": "message", "type": "text",
		"data": map[string]string{"text": "Yes!"},
	}, nil); err != nil {
		fmt.Println(err)
		return
	}

	for parent, err := range client.ListThreads(ctx, cometchat.ThreadsRequest{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(parent.Text, parent.ReplyCount, parent.LastReply.Text)
		for reply, err := range client.ListMessages(ctx, cometchat.MessagesRequest{ParentID: parent.ID}) {
			if err != nil {
				fmt.Println(err)
				return
			}
			fmt.Println(reply.Text)
		}
	}
	// Output:
	// Shall we hike on Sunday? 1 Yes!
	// Yes!
}
