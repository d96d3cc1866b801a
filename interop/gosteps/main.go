// Command gosteps runs the Go SDK through the same steps as the official JavaScript SDK in a browser, against the same emulator,
// and prints a table of the steps. interop/run.sh starts it and sets the variables that name the emulator.
//
// With the argument "peer" it runs one client instead, which browser/peer.mjs controls.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/interop/meant"
)

func main() {
	var err error
	if len(os.Args) > 1 && os.Args[1] == "peer" {
		err = runPeer(context.Background(), os.Stdin, os.Stdout)
	} else {
		err = run(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "\n"+err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	e, err := newEmulator()
	if err != nil {
		return err
	}
	if err := e.reset(ctx); err != nil {
		return err
	}
	w := &world{emulator: e, store: cometchat.NewMemorySessionStore()}
	defer func() { _ = w.client.Close() }() // its error is always nil, also for a nil client

	fmt.Printf("\nGo SDK %s\n\n", cometchat.Version)
	line := func(name, ok, took, checks string) { fmt.Printf("  %-34s  %-3s %5s  %s\n", name, ok, took, checks) }
	line("step", "ok", "ms", "what was checked")
	began := time.Now()
	for _, step := range steps() {
		if err := e.mark(ctx, step.name); err != nil {
			return err
		}
		w.forget()
		start := time.Now()
		c := &checks{}
		step.run(ctx, w, c)
		took := fmt.Sprintf("%.1f", time.Since(start).Seconds()*1e3)
		if c.broken != nil { // the steps build on each other: stop at the first failure
			line(step.name, "NO", took, step.checks)
			return c.broken
		}
		if w.result != nil {
			if err := e.tell(ctx, w.result); err != nil {
				return err
			}
		}
		line(step.name, "yes", took, step.checks)
	}
	for _, step := range meant.NotInGo {
		line(step.Name, "-", "", step.Reason)
	}
	fmt.Printf("\n  %d steps, %.1f s; %d are not in the Go SDK\n", len(steps()), time.Since(began).Seconds(), len(meant.NotInGo))
	return nil
}
