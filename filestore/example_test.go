package filestore_test

import (
	"bytes"
	"context"
	"errors"
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

// A new encryption key comes in three steps, each with its own deployment. Each store of this example stands for the processes
// of one step. In a program, the keys come from the place where you keep secrets.
func ExampleWithEncryptionKey() {
	temp, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(temp) }()
	dir := filepath.Join(temp, "sessions")
	oldKey, newKey := bytes.Repeat([]byte("old!"), 8), bytes.Repeat([]byte("new!"), 8) // in a program: 32 random bytes each

	ctx, key := context.Background(), "app/session"
	before, err := filestore.New(dir, filestore.WithEncryptionKey(oldKey))
	if err == nil {
		err = before.Save(ctx, key, &cometchat.Session{AppID: "app", User: &cometchat.User{Name: "Andrew"}})
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	for step, option := range []filestore.Option{
		filestore.WithEncryptionKey(oldKey, newKey), // every process can read the new key, and none uses it yet
		filestore.WithEncryptionKey(newKey, oldKey), // saved sessions get the new key
		filestore.WithEncryptionKey(newKey),         // when no session with the old key is left
	} {
		store, err := filestore.New(dir, option)
		if err != nil {
			fmt.Println(err)
			return
		}
		session, err := store.Load(ctx, key)
		if err == nil { // a session replaces itself: this encrypts it with the first key
			_, err = store.CompareAndSwap(ctx, key, session, session)
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("step %d: %s is logged in\n", step+1, session.User.Name)
	}
	_, err = before.Load(ctx, key)
	fmt.Println("the old key alone:", errors.Is(err, cometchat.ErrUnreadableSession))
	// Output:
	// step 1: Andrew is logged in
	// step 2: Andrew is logged in
	// step 3: Andrew is logged in
	// the old key alone: true
}

// A directory of plain sessions gets an encryption key.
func ExampleWithPlainSessionsAccepted() {
	temp, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(temp) }()
	dir := filepath.Join(temp, "sessions")
	encryptionKey := bytes.Repeat([]byte("key!"), 8) // in a program: 32 random bytes

	ctx, key := context.Background(), "app/session"
	plain, err := filestore.New(dir)
	if err == nil {
		err = plain.Save(ctx, key, &cometchat.Session{AppID: "app", User: &cometchat.User{Name: "Andrew"}})
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	migrating, err := filestore.New(dir, filestore.WithEncryptionKey(encryptionKey), filestore.WithPlainSessionsAccepted())
	if err != nil {
		fmt.Println(err)
		return
	}
	session, err := migrating.Load(ctx, key)
	if err == nil { // a session replaces itself: this encrypts it
		_, err = migrating.CompareAndSwap(ctx, key, session, session)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	encrypted, err := filestore.New(dir, filestore.WithEncryptionKey(encryptionKey)) // after the migration
	if err == nil {
		session, err = encrypted.Load(ctx, key)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(session.User.Name, "is logged in")
	// Output: Andrew is logged in
}
