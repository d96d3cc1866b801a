package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"
)

const (
	authorityYears = 5
	// renewal is how long before its end an authority is replaced.
	renewal = 30 * 24 * time.Hour
)

// authority is the certificate authority of the emulators that share its files. It may vouch only for this machine and for
// the names of -host.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	file        string // the certificate
}

// authorityFiles returns where the authority is kept: beside the data, or in the user's configuration directory. secret has
// the private key with the certificate, so that the two always belong together; certificate has a copy for clients.
func authorityFiles(data string) (certificate, secret string, err error) {
	if data != "" {
		return data + ".ca.pem", data + ".ca-key.pem", nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", "", fmt.Errorf("there is no directory for the authority, so use -data, or -cert and -key: %w", err)
	}
	dir = filepath.Join(dir, "cometchat-emulator")
	return filepath.Join(dir, "ca.pem"), filepath.Join(dir, "ca-key.pem"), nil
}

// openAuthority returns the kept authority, or a new one if there is none or if it cannot vouch for the names. news says why
// it is new. copyTo, unless empty, is another file for the certificate.
func openAuthority(data string, names hostNames, copyTo string, now time.Time) (a *authority, news string, err error) {
	file, secret, err := authorityFiles(data)
	if err != nil {
		return nil, "", err
	}
	if data == "" {
		if err := os.MkdirAll(filepath.Dir(secret), 0o700); err != nil {
			return nil, "", err
		}
	}
	lock := flock.New(secret+".lock", flock.SetPermissions(0o600)) // emulators may start at the same time
	if err := lock.Lock(); err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()

	raw, err := os.ReadFile(secret) //nolint:gosec // the user names the file
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, "", err
	}
	if a = readAuthority(raw); a != nil {
		news = a.flaw(names, now)
		names = a.names().with(names...) // so that two emulators with different names do not replace each other's authority
	} else if len(raw) > 0 {
		news = secret + " was damaged"
	}
	if a == nil || news != "" {
		if a, raw, err = newAuthority(names, now); err == nil {
			err = replaceFile(secret, raw, 0o600)
		}
		if err != nil {
			return nil, "", err
		}
		if news != "" {
			news = "the certificate authority is new, because " + news + ": clients have to trust it anew"
		}
	}
	a.file = file
	return a, news, a.writeCertificate(copyTo)
}

// writeCertificate writes the certificate for clients, where it is not there yet.
func (a *authority) writeCertificate(copyTo string) error {
	content := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
	missing := func(file string) bool {
		old, err := os.ReadFile(file) //nolint:gosec // the user names the file
		return err != nil || !bytes.Equal(old, content)
	}
	if missing(a.file) {
		if err := replaceFile(a.file, content, 0o644); err != nil {
			return err
		}
	}
	if copyTo != "" && missing(copyTo) {
		if err := os.WriteFile(copyTo, content, 0o644); err != nil { //nolint:gosec // a certificate is public
			return fmt.Errorf("-ca: %w", err)
		}
	}
	return nil
}

// readAuthority returns nil if raw has no authority.
func readAuthority(raw []byte) *authority {
	pair, err := tls.X509KeyPair(raw, raw)
	if err != nil {
		return nil
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || !pair.Leaf.IsCA {
		return nil
	}
	return &authority{certificate: pair.Leaf, key: key}
}

// names returns the names and addresses that the authority may vouch for, except those that every authority has.
func (a *authority) names() (names hostNames) {
	for _, name := range a.certificate.PermittedDNSDomains {
		if name != "localhost" {
			names = append(names, name)
		}
	}
	for _, ips := range a.certificate.PermittedIPRanges {
		if !ips.IP.IsLoopback() {
			names = append(names, ips.IP.String())
		}
	}
	return names
}

// flaw says why the authority cannot be used for the names, or returns "".
func (a *authority) flaw(names hostNames, now time.Time) string {
	if now.Before(a.certificate.NotBefore) || now.After(a.certificate.NotAfter.Add(-renewal)) {
		return "the old one was valid until " + a.certificate.NotAfter.Format(time.DateOnly)
	}
	for _, name := range names {
		if ip := net.ParseIP(name); (ip == nil || !ip.IsLoopback()) && name != "localhost" && !slices.Contains(a.names(), name) {
			return "the old one may not vouch for " + name
		}
	}
	return ""
}

// newAuthority makes an authority for this machine and the names, and returns it in PEM form too.
func newAuthority(names hostNames, now time.Time) (*authority, []byte, error) {
	ca := &x509.Certificate{
		SerialNumber: newSerial(), Subject: pkix.Name{CommonName: "CometChat emulator, for tests only"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(authorityYears, 0, 0), KeyUsage: x509.KeyUsageCertSign,
		BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: []string{"localhost"},
		PermittedIPRanges: []*net.IPNet{{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}, only(net.IPv6loopback)},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip == nil {
			ca.PermittedDNSDomains = append(ca.PermittedDNSDomains, name)
		} else {
			ca.PermittedIPRanges = append(ca.PermittedIPRanges, only(ip))
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, ca, ca, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	raw := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})...)
	if ca, err = x509.ParseCertificate(der); err != nil {
		return nil, nil, err
	}
	return &authority{certificate: ca, key: key}, raw, nil
}

// vouch makes a certificate for the loopback names and addresses, and for the names, with a key that is never stored.
func (a *authority) vouch(names hostNames, now time.Time) (tls.Certificate, error) {
	leaf := &x509.Certificate{
		SerialNumber: newSerial(), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if leaf.NotAfter.After(a.certificate.NotAfter) {
		leaf.NotAfter = a.certificate.NotAfter
	}
	for _, name := range (hostNames{"localhost", "127.0.0.1", "::1"}).with(names...) {
		if ip := net.ParseIP(name); ip == nil {
			leaf.DNSNames = append(leaf.DNSNames, name)
		} else {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, a.certificate, key.Public(), a.key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

func newSerial() *big.Int {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return new(big.Int).SetBytes(b)
}

// only returns the range that holds one address.
func only(ip net.IP) *net.IPNet {
	if four := ip.To4(); four != nil {
		ip = four
	}
	return &net.IPNet{IP: ip, Mask: net.CIDRMask(8*len(ip), 8*len(ip))}
}
