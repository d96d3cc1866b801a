package cometchat_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/cometchat-go/cometchat"
)

func ExampleAdmin_SendMessage() {
	admin, end := newExampleAdmin()
	defer end()
	welcome := cometchat.NewTextMessage(cometchat.ToUser("cometchat-uid-2"), "Welcome!")
	sent, err := admin.SendMessage(context.Background(), welcome)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sent)
	// Output: message 1 from app_system to user cometchat-uid-2: "Welcome!"
}

func ExampleAdmin_SendMessage_onBehalfOf() {
	admin, end := newExampleAdmin()
	defer end()
	ctx := context.Background()
	ada := admin.OnBehalfOf("cometchat-uid-1")
	m := cometchat.NewTextMessage(cometchat.ToUser("cometchat-uid-2"), "Hello")
	sent, err := ada.SendMessage(ctx, m)
	if errors.Is(err, cometchat.ErrSendUnknown) { // the answer was lost: find out later, with the same m
		sent, err = ada.ResolveSend(ctx, m)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sent)
	// Output: message 1 from cometchat-uid-1 to user cometchat-uid-2: "Hello"
}

func ExampleAdmin_ListMessages() {
	admin, end := newExampleAdmin()
	defer end()
	ctx := context.Background()
	for _, text := range []string{"one", "two"} {
		m := cometchat.NewTextMessage(cometchat.ToUser("cometchat-uid-2"), text)
		if _, err := admin.OnBehalfOf("cometchat-uid-1").SendMessage(ctx, m); err != nil {
			fmt.Println(err)
			return
		}
	}
	filter := cometchat.MessageFilter{Senders: []string{"cometchat-uid-1"}} // of all conversations
	for m, err := range admin.ListMessages(ctx, filter) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(m.Text)
	}
	// Output:
	// two
	// one
}
