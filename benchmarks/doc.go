// Package benchmarks compares the SDK with a floor: the same calls as a competent engineer would write them by hand, with
// net/http and encoding/json and no more than the task needs. Both talk to the same server on loopback.
//
// It is a module of its own, and its tests hold the SDK to what it may cost over the floor.
package benchmarks
