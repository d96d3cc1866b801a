// Package benchmarks compares the SDK with a floor: the same calls as a competent engineer would write them by hand, with
// net/http and encoding/json and no more than the task needs. Both talk to the same server on loopback.
//
// It is a module of its own. Its tests hold the SDK to what it may cost over the floor, and log the figures:
//
//	go test -v .
//	go test -run '^$' -bench . -count 6 .
package benchmarks
