package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat"
)

// The keys of an app whose flags and data name none. They are the same at each start, for the configuration of clients.
const (
	developmentAuthKey = "emulator-auth-key-for-development-only"
	developmentAPIKey  = "emulator-api-key-for-development-only" //nolint:gosec // everybody may know it
)

// settings are the values of the flags.
type settings struct {
	addr, appID, region, authKey, apiKey string // a key is empty if its flag is not given
	tls                                  bool
	hosts                                hostNames
	ca, cert, key                        string
	seed, data, record                   string
	webhook                              string
	webhookUser, webhookPassword         string // from the environment: other users of the machine see flags
	keep                                 int
	limit                                rateLimit
	latency                              latency
	verbose                              bool
	logForm                              string
	env, version                         bool
	check                                string
}

var errUsage = errors.New("the command line cannot be used")

func parseFlags(args []string, stderr io.Writer) (settings, error) {
	var set settings
	flags := flag.NewFlagSet("cometchat-emulator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&set.addr, "addr", "127.0.0.1:8443", "`address` to listen on; port 0 picks a free one")
	flags.StringVar(&set.appID, "app-id", "emulator-app", "the `id` of the app")
	flags.StringVar(&set.region, "region", "us", "the `region` of the app: us, eu or in")
	flags.StringVar(&set.authKey, "auth-key", "", "the auth `key`, for clients during development (default "+developmentAuthKey+")")
	flags.StringVar(&set.apiKey, "api-key", "", "the REST API `key`, for servers (default "+developmentAPIKey+")")
	flags.BoolVar(&set.tls, "tls", false, "serve https and wss, with a certificate from an authority that is kept")
	flags.Var(&set.hosts, "host", "`names` or IP addresses, separated by commas, under which other machines reach the emulator")
	flags.StringVar(&set.ca, "ca", "", "with -tls: `file` for a copy of the authority's certificate")
	flags.StringVar(&set.cert, "cert", "", "with -tls and -key: PEM `file` with a certificate of your own")
	flags.StringVar(&set.key, "key", "", "with -cert: PEM `file` with the private key of the certificate")
	flags.StringVar(&set.seed, "seed", "", "JSON `file` with the users, roles and auth tokens to begin with")
	flags.StringVar(&set.data, "data", "", "JSON `file` that keeps keys, users, roles, auth tokens and messages across restarts (default: they are forgotten)")
	flags.IntVar(&set.keep, "keep", 10_000, "how many `messages` to keep; the oldest are forgotten first")
	flags.Var(&set.limit, "rate-limit", "`requests/period` to allow, such as 500/1m (default no limit)")
	flags.Var(&set.latency, "latency", "`duration` to wait before each answer, such as 80ms (default none)")
	flags.StringVar(&set.record, "record", "", "`file` for a recording: a line of JSON for each request with its answer, and for each frame")
	flags.StringVar(&set.webhook, "webhook", "", "`URL` of a webhook that gets the events of the app; the environment has WEBHOOK_USERNAME and WEBHOOK_PASSWORD")
	flags.BoolVar(&set.verbose, "v", false, "log the frames of live connections too")
	flags.StringVar(&set.logForm, "log", "text", "the `form` of the log: text or json")
	flags.BoolVar(&set.env, "env", false, "print the environment variables for a client, and exit")
	flags.StringVar(&set.check, "check", "", "exit with 0 if the emulator at this `address` or URL is ready, else with 1")
	flags.BoolVar(&set.version, "version", false, "print the version, and exit")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return set, err
	case err != nil:
		return set, errUsage // Parse has printed the error
	case flags.NArg() > 0:
		_, _ = fmt.Fprintf(stderr, "%q is not a flag\n", flags.Arg(0))
		flags.Usage()
		return set, errUsage
	}
	set.webhookUser, set.webhookPassword = os.Getenv("WEBHOOK_USERNAME"), os.Getenv("WEBHOOK_PASSWORD")
	if flaw := set.flaw(); flaw != "" {
		_, _ = fmt.Fprintln(stderr, "cometchat-emulator:", flaw)
		return set, errUsage
	}
	set.region = strings.ToLower(strings.TrimSpace(set.region))
	return set, nil
}

// flaw says what is wrong with the flags, or returns "".
func (s settings) flaw() string {
	_, port, addrErr := net.SplitHostPort(s.addr)
	hook, hookErr := url.Parse(s.webhook)
	isURL := hookErr == nil && hook.Host != "" && (hook.Scheme == "http" || hook.Scheme == "https")
	for _, flaw := range []struct {
		found bool
		what  string
	}{
		{addrErr != nil, "-addr needs a host and a port, as in 127.0.0.1:8443"},
		{s.authKey != "" && s.authKey == s.apiKey, "-auth-key and -api-key have to differ, as they give different rights"},
		{s.keep <= 0, "-keep needs a positive number of messages"},
		{s.latency < 0, "-latency may not be negative"},
		{s.logForm != "text" && s.logForm != "json", "-log has to be text or json"},
		{!s.tls && s.ca != "", "-ca needs -tls: without it there is no certificate"},
		{!s.tls && (s.cert != "" || s.key != ""), "-cert and -key need -tls"},
		{(s.cert == "") != (s.key == ""), "-cert and -key need each other"},
		{s.cert != "" && s.ca != "", "-ca and -cert do not go together: your own certificate has its own authority"},
		{s.record != "" && sameFile(s.record, s.data, s.seed), "-record needs a file of its own: it overwrites the file"},
		{s.webhook != "" && !isURL, "-webhook needs an http or https URL, as in http://localhost:8080/webhooks/cometchat"},
		{s.webhook != "" && (s.webhookUser == "") != (s.webhookPassword == ""), "WEBHOOK_USERNAME and WEBHOOK_PASSWORD need each other"},
		{s.env && port == "0", "-env needs the port of the emulator in -addr, not 0"},
	} {
		if flaw.found {
			return flaw.what
		}
	}
	return s.refusedBySDK()
}

// refusedBySDK says which of the app's id, region and keys the SDK would not take, or returns "".
func (s settings) refusedBySDK() string {
	const app, key = "app", "key"
	for _, try := range []struct{ flag, appID, key, region string }{
		{"-app-id", s.appID, key, "us"},
		{"-region", app, key, s.region},
		{"-auth-key", app, cmp.Or(s.authKey, key), "us"},
		{"-api-key", app, cmp.Or(s.apiKey, key), "us"},
	} {
		admin, err := cometchat.NewAdmin(try.appID, try.key, cometchat.WithRegion(try.region))
		if refused, ok := errors.AsType[*cometchat.Error](err); ok {
			what, _, _ := strings.Cut(refused.Message, ";") // the rest is for programmers
			return try.flag + ": " + strings.Replace(what, "the API key", "the key", 1)
		}
		_ = admin.Close() // its error is always nil
	}
	return ""
}

func sameFile(file string, others ...string) bool {
	return slices.ContainsFunc(others, func(other string) bool {
		return other != "" && filepath.Clean(other) == filepath.Clean(file)
	})
}

// hostNames is the value of -host: names in lower case, and IP addresses.
type hostNames []string

func (h *hostNames) String() string { return strings.Join(*h, ",") }

var hostForm = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)

// Set adds the names in text, which commas separate.
func (h *hostNames) Set(text string) error {
	for name := range strings.SplitSeq(text, ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		ip := net.ParseIP(name)
		if ip == nil && (!hostForm.MatchString(name) || len(name) > 253) {
			return fmt.Errorf("%q is neither the name of a host nor an IP address", name)
		}
		if ip != nil {
			name = ip.String()
		}
		*h = h.with(name)
	}
	return nil
}

// with returns h and those of the names that it does not have.
func (h hostNames) with(names ...string) hostNames {
	all := slices.Clone(h)
	for _, name := range names {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// rateLimit is the value of -rate-limit.
type rateLimit struct {
	requests int
	per      time.Duration
}

func (l *rateLimit) String() string {
	if l.requests == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%v", l.requests, l.per)
}

// Set reads "500/1m", or "500/m".
func (l *rateLimit) Set(text string) error {
	requests, period, ok := strings.Cut(text, "/")
	if ok && period != "" && !strings.ContainsAny(period[:1], "0123456789.") {
		period = "1" + period
	}
	n, err := strconv.Atoi(requests)
	per, perErr := time.ParseDuration(period)
	if !ok || err != nil || perErr != nil || n <= 0 || per <= 0 {
		return errors.New("want a number of requests and a period, such as 500/1m")
	}
	l.requests, l.per = n, per
	return nil
}

// latency is the value of -latency.
type latency time.Duration

func (l *latency) String() string {
	if *l == 0 {
		return ""
	}
	return time.Duration(*l).String()
}

// Set reads "80ms".
func (l *latency) Set(text string) error {
	d, err := time.ParseDuration(text)
	if err != nil {
		return errors.New("want a number with a unit, such as 80ms")
	}
	*l = latency(d)
	return nil
}
