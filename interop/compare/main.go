// Command compare reads the emulators' recordings of both SDKs, and compares the requests, the frames and what the SDKs returned, step
// by step and field by field. It prints the result, and fails for every difference that package meant does not list.
//
//	compare RECORDING...
//
// The variables INTEROP_ADMIN_HOST and INTEROP_CLIENT_HOST name the hosts of the two APIs.
package main

import (
	"errors"
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "\n"+err.Error())
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errors.New("compare needs a recording")
	}
	rec := recording{}
	for _, name := range args {
		file, err := os.Open(name) //nolint:gosec // the caller names the file
		if err != nil {
			return err
		}
		if err = errors.Join(rec.read(file), file.Close()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	c := newComparison(map[string]string{
		hostname(os.Getenv("INTEROP_ADMIN_HOST")): "admin", hostname(os.Getenv("INTEROP_CLIENT_HOST")): "client",
	})
	c.run(rec)

	fmt.Print("\nThe requests, the frames and the results of both SDKs, compared\n\n")
	width := 0
	for _, r := range c.rows {
		width = max(width, len(r.step))
	}
	fmt.Printf("  %-*s  %10s  %2s  %s\n", width, "step", "JavaScript", "Go", "compared")
	for _, r := range c.rows {
		fmt.Printf("  %-*s  %10d  %2d  %s\n", width, r.step, r.javaScript, r.goes, r.note)
	}
	fmt.Print("\nThe intended differences (package meant), and how often they occurred\n\n")
	for _, line := range c.differences() {
		fmt.Println("  " + line)
	}
	if len(c.problems) > 0 {
		fmt.Printf("\n%d problems:\n\n", len(c.problems))
		for _, problem := range c.problems {
			fmt.Println("  " + problem)
		}
		return errors.New("the differences between the SDKs are not the differences that package meant lists")
	}
	steps := len(rec[javaScript])
	fmt.Printf("\n%d steps, %d of both SDKs; compared %d pairs of requests, frames and results in %d fields; every difference is intended\n",
		steps, steps-len(c.notInGo), c.pairs, c.compared)
	return nil
}
