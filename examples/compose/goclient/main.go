// Goclient logs a user in with CometChat's Go SDK. compose.yaml, in the folder above, runs it beside the emulator, whose address
// and keys are in the environment; cometchat-emulator -env prints the variables.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/cometchat-go/cometchat"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	client, err := cometchat.New(os.Getenv("COMETCHAT_APP_ID"),
		cometchat.WithRegion(os.Getenv("COMETCHAT_REGION")),
		cometchat.WithEmulator("")) // the one in COMETCHAT_EMULATOR_HOST; without the variable, CometChat itself
	if err != nil {
		return err
	}
	defer client.Close()
	user, err := client.Login(ctx, "cometchat-uid-1", os.Getenv("COMETCHAT_AUTH_KEY"))
	if err != nil {
		return err
	}
	fmt.Println("Go: logged in as", user.Name)
	return client.Logout(ctx)
}
