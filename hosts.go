package cometchat

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
)

// emulatorVariable is the environment variable that WithEmulator("") reads.
const emulatorVariable = "COMETCHAT_EMULATOR_HOST"

// hostNameForm is the form of a host's name.
var hostNameForm = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// parseEmulator makes the base URL of an emulator from its host, or from its URL without a path. which names the host for an
// error.
func parseEmulator(which, host string) (string, error) {
	const given = "-" // so that newConfig does not report a missing region too
	text := strings.TrimSpace(host)
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return given, fmt.Errorf(`the %s must be a host and a port, as in "localhost:8443", or a URL, as in "https://localhost:8443"`,
			which)
	case u.Path != "" && u.Path != "/" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return given, fmt.Errorf(`the %s must have no path, user, query or fragment, as in "localhost:8443": /%s is added to it`,
			which, apiVersion)
	}
	u.Path = "/" + apiVersion
	base, err := parseHost("emulator's", u.String())
	if err != nil {
		return given, err
	}
	return base, nil
}

// plainFlaw says what is wrong with a base URL that is plain http to a host that is neither loopback nor allowed; "" if nothing
// is. which names the host.
func plainFlaw(which, base string, allowed map[string]bool) string {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" || isLoopback(u.Hostname()) || allowed[hostKey(u.Hostname())] {
		return ""
	}
	return fmt.Sprintf("the %s host is plain http, which would send credentials in the clear: use https, or if nobody else can "+
		"listen on the way, allow it with WithInsecureHost(%q)", which, u.Hostname())
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// hostKey returns one spelling of a host's name or IP address for all of them.
func hostKey(host string) string {
	if ip := net.ParseIP(host); ip != nil {
		return ip.String()
	}
	return strings.ToLower(host)
}
