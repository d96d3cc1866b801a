package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"time"
)

// identity is what clients see of the emulator with -tls.
type identity struct {
	certificate tls.Certificate
	trust       string // the file with the certificate that clients have to trust; "" with -cert
}

// identify returns the identity for -tls. news, unless empty, is for the user to read.
func identify(set settings) (id identity, news string, err error) {
	if set.cert != "" {
		if id.certificate, err = tls.LoadX509KeyPair(set.cert, set.key); err != nil {
			err = fmt.Errorf("-cert: %w", err)
		}
		return id, "", err
	}
	names := set.hosts
	addr, err := net.ResolveTCPAddr("tcp", set.addr)
	if err != nil {
		return id, "", fmt.Errorf("-addr: %w", err)
	}
	if len(addr.IP) > 0 && !addr.IP.IsUnspecified() {
		names = names.with(addr.IP.String())
	}
	now := time.Now()
	a, news, err := openAuthority(set.data, names, set.ca, now)
	if err != nil {
		return id, "", fmt.Errorf("-tls: %w", err)
	}
	id.trust = a.file
	if set.ca != "" {
		id.trust = set.ca
	}
	id.certificate, err = a.vouch(names, now)
	return id, news, err
}

// secure makes a listener speak TLS.
func (id identity) secure(listener net.Listener) net.Listener {
	return tls.NewListener(listener, &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{id.certificate}, NextProtos: []string{"h2", "http/1.1"},
	})
}
