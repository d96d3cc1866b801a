// Package examples_test tests the command lines of the examples: the help, and the errors for wrong flags and arguments.
package examples_test
