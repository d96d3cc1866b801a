package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
)

// plainValue needs no quotes, neither in a shell nor in a .env file.
var plainValue = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,=\[\]-]+$`)

// printEnv prints the environment variables with which a client uses the emulator, for a shell, a .env file or a compose file.
func printEnv(w io.Writer, set settings) error {
	emulator := set.newEmulator()
	defer emulator.Close()
	found, err := loadData(emulator, set.data)
	if err == nil && !found && set.seed != "" { // it may have keys
		err = load(emulator, set.seed)
	}
	if err != nil {
		return err
	}
	host, err := set.reachableAt()
	if err != nil {
		return err
	}
	if set.tls {
		host = "https://" + host
	}
	variables := [][2]string{
		{"COMETCHAT_APP_ID", emulator.AppID}, {"COMETCHAT_REGION", emulator.Region},
		{"COMETCHAT_AUTH_KEY", emulator.AuthKey}, {"COMETCHAT_API_KEY", emulator.APIKey},
		{"COMETCHAT_EMULATOR_HOST", host},
	}
	if set.tls {
		id, _, err := identify(set)
		if err != nil {
			return err
		}
		if id.trust != "" {
			trust, err := filepath.Abs(id.trust)
			if err != nil {
				return err
			}
			variables = append(variables, [2]string{"SSL_CERT_FILE", trust}, [2]string{"NODE_EXTRA_CA_CERTS", trust})
		}
	}
	var text strings.Builder
	for _, v := range variables {
		value, err := quote(v[1])
		if err != nil {
			return fmt.Errorf("-env: %s %w", v[0], err)
		}
		fmt.Fprintf(&text, "%s=%s\n", v[0], value)
	}
	_, err = io.WriteString(w, text.String())
	return err
}

// quote quotes a value so that a shell and a .env file read the same.
func quote(value string) (string, error) {
	if plainValue.MatchString(value) {
		return value, nil
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r == '\'' || !unicode.IsPrint(r) }) {
		return "", errors.New("has a quote or a control character, which shells and .env files write differently")
	}
	return "'" + value + "'", nil
}

// reachableAt returns the host and port for clients: the first name of -host, or the address on this machine.
func (s settings) reachableAt() (string, error) {
	addr, err := net.ResolveTCPAddr("tcp", s.addr)
	if err != nil {
		return "", fmt.Errorf("-addr: %w", err)
	}
	return s.hosts.at(visible(addr)), nil
}

// at returns addr with the first of the names in place of its host, or addr if there are no names.
func (h hostNames) at(addr string) string {
	if len(h) == 0 {
		return addr
	}
	_, port, _ := net.SplitHostPort(addr) // it comes from visible
	return net.JoinHostPort(h[0], port)
}
