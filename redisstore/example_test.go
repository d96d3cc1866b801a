package redisstore_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/redisstore"
	"github.com/redis/go-redis/v9"
)

// With one address, the client uses a single server; with several addresses a Cluster; with a MasterName a Sentinel.
func ExampleNew() {
	client := redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs:                 []string{"localhost:6379"},
		Password:              os.Getenv("REDIS_PASSWORD"),
		ContextTimeoutEnabled: true, // a call ends when its context ends
	})
	defer func() { _ = client.Close() }()

	store, err := redisstore.New(client, redisstore.WithTTL(30*24*time.Hour))
	if err != nil {
		log.Fatal(err)
	}
	chat, err := cometchat.New(os.Getenv("COMETCHAT_APP_ID"), cometchat.WithRegion("us"), cometchat.WithSessionStore(store))
	if err != nil {
		log.Fatal(err)
	}
	defer chat.Close()

	user, err := chat.GetLoggedinUser(context.Background()) // the user who logged in, on any server of the fleet
	if err != nil {
		log.Fatal(err)
	}
	if user != nil {
		fmt.Println(user.Name, "is logged in already")
	}
}
