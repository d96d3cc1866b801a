package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
)

// signedIn returns a client of an emulator that is logged in.
func signedIn(server *cometchattest.Server) (*cometchat.Client, error) {
	client, err := cometchat.New(server.AppID, server.Options()...)
	if err == nil {
		_, err = client.Login(context.Background(), "cometchat-uid-1", server.AuthKey)
	}
	return client, err
}

func ExampleClient_SendMessage() {
	server := cometchattest.NewServer()
	defer server.Close()
	client, err := signedIn(server)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	m := cometchat.NewTextMessage(cometchat.ToUser("cometchat-uid-2"), "Hello "+cometchat.Mention("cometchat-uid-2"))
	m.Tags = []string{"greeting"}
	sent, err := client.SendMessage(context.Background(), m)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sent)
	fmt.Println(sent.Mentioned("cometchat-uid-2"))
	// Output:
	// message 1 from cometchat-uid-1 to user cometchat-uid-2: "Hello <@uid:cometchat-uid-2>"
	// true
}

func ExampleClient_ResolveSend() {
	server := cometchattest.NewServer()
	defer server.Close()
	client, err := signedIn(server)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	m := cometchat.NewTextMessage(cometchat.ToUser("cometchat-uid-2"), "Hello")
	sent, err := client.SendMessage(context.Background(), m)
	if errors.Is(err, cometchat.ErrSendUnknown) { // the connection was lost at a bad moment: find out later, with the same m
		sent, err = client.ResolveSend(context.Background(), m)
	}
	switch {
	case errors.Is(err, cometchat.ErrNotSent):
		fmt.Println("send m again")
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println(sent.Text)
	}
	// Output: Hello
}

func ExampleClient_UploadFile() {
	server := cometchattest.NewServer()
	defer server.Close()
	client, err := signedIn(server)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	to := cometchat.ToUser("cometchat-uid-2")
	attachment, err := client.UploadFile(context.Background(), to, "", cometchat.File{
		Name: "notes.txt", Type: "text/plain", Reader: strings.NewReader("a large file, for example an *os.File"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	m := cometchat.NewMediaMessage(to, cometchat.TypeFile)
	m.Attachments = []cometchat.Attachment{*attachment}
	sent, err := client.SendMessage(context.Background(), m)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sent.Type, sent.Attachments[0].Name)
	// Output: file notes.txt
}

func ExampleNewCustomMessage() {
	m := cometchat.NewCustomMessage(cometchat.ToGroup("hikers"), "location", map[string]float64{"lat": 47.1, "lng": 11.3})
	m.Text = "Ada shares a location" // for lists of conversations and for notifications
	fmt.Println(m.To, m.Category, m.Type)
	// Output: group hikers custom location
}
