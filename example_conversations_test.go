package cometchat_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/cometchat-go/cometchat"
)

func ExampleClient_ListConversations() {
	client, server, end := newExampleClient()
	defer end()
	ctx := context.Background()
	if _, err := client.Login(ctx, "cometchat-uid-1", server.AuthKey); err != nil {
		fmt.Println(err)
		return
	}
	writes(ctx, client, "cometchat-uid-2", "hello")
	if _, err := client.Login(ctx, "cometchat-uid-2", server.AuthKey); err != nil {
		fmt.Println(err)
		return
	}

	for conversation, err := range client.ListConversations(ctx, cometchat.ConversationsRequest{Unread: true}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(conversation)
		fmt.Println("the last message:", conversation.LastMessage.Text)
		if err := client.MarkConversationAsRead(ctx, conversation.With); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// conversation with user cometchat-uid-1, 1 unread
	// the last message: hello
}

func ExampleClient_GetConversation() {
	client, server, end := newExampleClient()
	defer end()
	ctx := context.Background()
	if _, err := client.Login(ctx, "cometchat-uid-1", server.AuthKey); err != nil {
		fmt.Println(err)
		return
	}
	_, err := client.GetConversation(ctx, cometchat.ToUser("cometchat-uid-3"))
	fmt.Println(errors.Is(err, cometchat.ErrConversationNotFound)) // nobody has sent a message yet
	// Output: true
}

func ExampleClient_UnreadCounts() {
	client, server, end := newExampleClient()
	defer end()
	ctx := context.Background()
	if _, err := client.Login(ctx, "cometchat-uid-1", server.AuthKey); err != nil {
		fmt.Println(err)
		return
	}
	writes(ctx, client, "cometchat-uid-2", "hello")
	writes(ctx, client, "cometchat-uid-2", "are you there?")
	if _, err := client.Login(ctx, "cometchat-uid-2", server.AuthKey); err != nil {
		fmt.Println(err)
		return
	}

	counts, err := client.UnreadCounts(ctx, cometchat.UnreadRequest{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(counts.Users)
	// Output: map[cometchat-uid-1:2]
}

// writes sends a text to a user.
func writes(ctx context.Context, client *cometchat.Client, uid, text string) {
	if _, err := client.SendMessage(ctx, cometchat.NewTextMessage(cometchat.ToUser(uid), text)); err != nil {
		panic(err)
	}
}
