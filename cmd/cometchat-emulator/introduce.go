package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/cometchat-go/cometchat/cometchattest"
)

// introduce prints URLs, keys, and code that connects a client.
func introduce(w io.Writer, s *cometchattest.Server, set settings) {
	host := s.URL[strings.Index(s.URL, "://")+len("://"):]
	socket := "ws" + strings.TrimPrefix(s.URL, "http")
	uid := "cometchat-uid-1"
	if users := s.Users(); len(users) > 0 { // a seed may have other users
		uid = users[0].UID
	}
	var text strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&text, format+"\n", args...) }

	say("CometChat emulator")
	say("  REST API      %s/v3.0", s.URL)
	say("  live          %s/", socket)
	say("  app id        %s", s.AppID)
	say("  region        %s", s.Region)
	say("  auth key      %s", s.AuthKey)
	say("  REST API key  %s", s.APIKey)
	if set.tls {
		say("  trust         %s", set.ca)
	}
	say("\nGo:\n")
	if set.tls {
		say("\tpem, err := os.ReadFile(%q)", set.ca)
		say("\troots := x509.NewCertPool()")
		say("\troots.AppendCertsFromPEM(pem)")
		say("\ttransport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}")
	}
	if set.tls {
		say("\tclient, err := cometchat.Init(%q, cometchat.WithEmulator(%q),", s.AppID, s.URL)
		say("\t\tcometchat.WithHTTPClient(&http.Client{Transport: transport}))")
	} else {
		say("\tclient, err := cometchat.Init(%q, cometchat.WithEmulator(%q))", s.AppID, strings.TrimPrefix(s.URL, "http://"))
	}
	say("\tuser, err := cometchat.Login(ctx, %q, %q)", uid, s.AuthKey)
	say("\nJavaScript:\n")
	if !set.tls {
		say("\t// The SDK needs https: start the emulator with -tls.")
	}
	say("\tconst settings = new CometChat.AppSettingsBuilder().setRegion(%q)", s.Region)
	say("\t  .overrideAdminHost(%q).overrideClientHost(%q).build();", host+"/v3.0", host+"/v3.0")
	say("\tawait CometChat.init(%q, settings);", s.AppID)
	say("\tawait CometChat.login(%q, %q);", uid, s.AuthKey)
	say("\nA line for each request follows. Ctrl-C ends the program.")
	_, _ = io.WriteString(w, text.String()) // an error has nowhere to go
}
