package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/cometchat-go/cometchat/cometchattest"
)

// introduction is what introduce has to know beside the emulator.
type introduction struct {
	here     string // the host and port on this machine
	tls      bool
	trust    string // the certificate that clients have to trust; "" if it is the user's own
	insecure bool   // the emulator's URL is plain http to another host than this machine
}

// introduce prints URLs, keys, and code that connects a client.
func introduce(w io.Writer, s *cometchattest.Server, in introduction) {
	_, host, _ := strings.Cut(s.URL, "://")
	socket := "ws" + strings.TrimPrefix(s.URL, "http")
	uid := "cometchat-uid-1"
	if users := s.Users(); len(users) > 0 { // a seed may have other users
		uid = users[0].UID
	}
	var text strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&text, format+"\n", args...) }

	say("CometChat emulator")
	say("  REST API      %s/v3.0", s.URL)
	if in.here != host {
		say("  here          %s/v3.0", strings.Replace(s.URL, host, in.here, 1))
	}
	say("  live          %s/", socket)
	say("  ready         %s/healthz", s.URL)
	say("  app id        %s", s.AppID)
	say("  region        %s", s.Region)
	say("  auth key      %s", s.AuthKey)
	say("  REST API key  %s", s.APIKey)
	if in.trust != "" {
		say("  trust         %s", in.trust)
	}
	say("\nEnvironment variables: the same command with -env prints them.")
	say("\nGo:\n")
	if in.trust != "" {
		say("\tpem, err := os.ReadFile(%q) // or set SSL_CERT_FILE, and leave out these lines", in.trust)
		say("\troots := x509.NewCertPool()")
		say("\troots.AppendCertsFromPEM(pem)")
		say("\ttransport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}")
	}
	address := s.URL
	if !in.tls {
		address = host
	}
	options := fmt.Sprintf("cometchat.WithEmulator(%q)", address)
	switch {
	case in.trust != "":
		options += ",\n\t\tcometchat.WithHTTPClient(&http.Client{Transport: transport})"
	case in.insecure:
		options += fmt.Sprintf(", cometchat.WithInsecureHost(%q)", host[:strings.LastIndex(host, ":")])
	}
	say("\tclient, err := cometchat.Init(%q, %s)", s.AppID, options)
	say("\tuser, err := cometchat.Login(ctx, %q, %q)", uid, s.AuthKey)
	say("\nJavaScript:\n")
	if !in.tls {
		say("\t// The SDK needs https: start the emulator with -tls.")
	}
	say("\tconst settings = new CometChat.AppSettingsBuilder().setRegion(%q)", s.Region)
	say("\t  .overrideAdminHost(%q).overrideClientHost(%q).build();", host+"/v3.0", host+"/v3.0")
	say("\tawait CometChat.init(%q, settings);", s.AppID)
	say("\tawait CometChat.login(%q, %q);", uid, s.AuthKey)
	say("\nA line for each request follows. Ctrl-C ends the program.")
	_, _ = io.WriteString(w, text.String()) // an error has nowhere to go
}
