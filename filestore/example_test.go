package filestore_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/cometchat-go/cometchat/filestore"
)

// A login outlasts the program: the second client stands for the program's next run. Your program would use the directory
// from filestore.DefaultDir, and the options of your app.
func ExampleNew() {
	server := cometchattest.NewServer() // in place of CometChat
	defer server.Close()
	temp, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(temp) }()

	ctx := context.Background()
	for run := 1; run <= 2; run++ {
		store, err := filestore.New(filepath.Join(temp, "sessions"))
		if err != nil {
			fmt.Println(err)
			return
		}
		client, err := cometchat.New(server.AppID, append(server.Options(), cometchat.WithSessionStore(store))...)
		if err != nil {
			fmt.Println(err)
			return
		}
		user, err := client.GetLoggedinUser(ctx)
		if err != nil {
			fmt.Println(err)
			return
		}
		if user != nil {
			fmt.Printf("run %d: %s is logged in already\n", run, user.Name)
		} else if user, err = client.Login(ctx, "cometchat-uid-1", server.AuthKey); err == nil {
			fmt.Printf("run %d: %s has logged in\n", run, user.Name)
		}
		_ = client.Close() // it does not log out
	}
	// Output:
	// run 1: Andrew Joseph has logged in
	// run 2: Andrew Joseph is logged in already
}
