// Package benchmarks compares the SDK with a floor: the same task written by hand, with no more than it needs. Both call
// the same kind of server on the loopback interface.
//
// It is a module of its own. The tests print the ratios and hold the SDK to its goals; the benchmarks give the times and
// the allocations of a call:
//
//	go test -v .
//	go test -run '^$' -bench . .
package benchmarks
