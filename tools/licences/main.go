// Command licences prints docs/licences.md: the modules that this project uses, with their versions and licences.
// Run it from the root:
//
//	go -C tools run ./licences >docs/licences.md
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// published has the folders of the modules that users require, relative to tools/.
var published = []string{"..", "../redisstore"}

// enough is how many percent of a file have to be a known licence, for the file to be that licence.
const enough = 75

const header = `# Licences

The modules that this SDK uses, each with the licence in its source. A module "in programs" is part of a program that uses all
packages of the SDK. A module "in tests" is part of the SDK's own tests alone.

This page is made by a command, and CI checks that the page is up to date:

` + "```console\n$ go -C tools run ./licences >docs/licences.md\n```\n"

func main() {
	log.SetFlags(0)
	var page bytes.Buffer
	page.WriteString(header)
	for _, dir := range published {
		if err := describe(&page, dir); err != nil {
			log.Fatalf("licences: %s: %v", dir, err)
		}
	}
	if _, err := page.WriteTo(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// describe writes the table of one published module.
func describe(page *bytes.Buffer, dir string) error {
	name, err := output(dir, "list", "-m")
	if err != nil {
		return err
	}
	inPrograms, err := modules(dir)
	if err != nil {
		return err
	}
	all, err := modules(dir, "-test")
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(page, "\n## %s\n\n| module | version | licence | used |\n| --- | --- | --- | --- |\n", strings.TrimSpace(name))
	for _, module := range slices.Sorted(maps.Keys(all)) {
		licence, err := licenceIn(all[module].dir)
		if err != nil {
			return fmt.Errorf("%s: %w", module, err)
		}
		used := "in tests"
		if _, ok := inPrograms[module]; ok {
			used = "in programs"
		}
		_, _ = fmt.Fprintf(page, "| `%s` | %s | %s | %s |\n", module, all[module].version, licence, used)
	}
	return nil
}

type module struct{ version, dir string }

// modules returns the modules whose packages are used in the module at dir, without those of this project, by path.
func modules(dir string, flags ...string) (map[string]module, error) {
	const format = "{{with .Module}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{if or .Main .Replace}}\tours{{end}}{{end}}"
	args := append([]string{"list", "-deps", "-f", format}, flags...)
	lines, err := output(dir, append(args, "./...")...)
	if err != nil {
		return nil, err
	}
	found := map[string]module{}
	for line := range strings.Lines(lines) {
		if fields := strings.Split(strings.TrimSpace(line), "\t"); len(fields) == 3 {
			found[fields[0]] = module{fields[1], fields[2]}
		}
	}
	return found, nil
}

// licenceIn returns the SPDX names of the licences that a folder has.
func licenceIn(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "LICEN[CS]E*"))
	if err != nil {
		return "", err
	}
	names := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // go list names the folder
		if err != nil {
			return "", err
		}
		coverage := licensecheck.Scan(text)
		if coverage.Percent < enough {
			return "", fmt.Errorf("%s is no known licence", filepath.Base(file))
		}
		for _, match := range coverage.Match {
			names[match.ID] = true
		}
	}
	if len(names) == 0 {
		return "", errors.New("it has no licence")
	}
	return strings.Join(slices.Sorted(maps.Keys(names)), ", "), nil
}

// output runs the go command in dir.
func output(dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(context.Background(), "go", args...) //nolint:gosec // the arguments are this file's
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.Output()
	return string(out), err
}
