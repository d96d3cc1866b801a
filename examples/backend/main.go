// Command backend is a small backend of a chat app: people sign up and log in with a password, the backend creates their
// CometChat users, welcomes them in the chat, hands out auth tokens behind its own session cookie, and receives CometChat's webhooks: a
// message that mentions the user "helper" gets an answer.
//
// Without a flag the program starts the backend and plays its clients, step by step. -addr serves until it is interrupted. By
// default the program uses an emulator of CometChat inside the process. Set COMETCHAT_APP_ID, COMETCHAT_REGION and
// COMETCHAT_API_KEY (a REST API key) to use CometChat itself; the user of the demonstration then stays in your app.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
)

const usage = `usage: backend [-addr host:port]

backend is a small backend of a chat app: sign-up and login with a password, auth tokens behind a session cookie, a welcome in
the chat, and a webhook that answers messages which mention the user "helper".

Without -addr it starts, plays its clients step by step, and ends. By default it talks to an emulator of CometChat inside the
process. Set COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_API_KEY to use CometChat itself; the user of the demonstration
then stays in your app. With -addr, set WEBHOOK_PASSWORD to the password of the webhook; its username is "cometchat".

`

func main() {
	addr := flag.String("addr", "", "serve at this address, localhost:8080 for example, until interrupted")
	flag.Usage = func() {
		_, _ = fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "backend: unexpected argument %q; -h prints the help\n", flag.Arg(0))
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, *addr); err != nil {
		fmt.Fprintln(os.Stderr, "\nFailed:", err)
		os.Exit(1)
	}
}

// config is what the backend needs to know.
type config struct {
	appID, apiKey   string
	options         []cometchat.Option
	webhookPassword string
	emulated        bool // the emulator delivers its events to the webhook
	log             *slog.Logger
}

func run(ctx context.Context, out io.Writer, addr string) error {
	password := os.Getenv("WEBHOOK_PASSWORD")
	if addr != "" && password == "" {
		return errors.New("set WEBHOOK_PASSWORD to the password that the webhook has in CometChat's dashboard")
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cmp.Or(addr, "127.0.0.1:0"))
	if err != nil {
		return err
	}
	c, stopEmulator, err := findApp(out, urlOf(listener), cmp.Or(password, rand.Text()))
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer stopEmulator()
	if addr == "" {
		return demonstrate(ctx, out, c, listener)
	}
	c.log = slog.New(slog.NewTextHandler(out, nil))
	end, err := serve(ctx, c, listener)
	if err != nil {
		return err
	}
	c.log.Info("serving", "url", urlOf(listener))
	<-ctx.Done()
	return end()
}

func urlOf(listener net.Listener) string { return "http://" + listener.Addr().String() }

// serve starts the backend on a listener. end lets the running requests finish.
func serve(ctx context.Context, c config, listener net.Listener) (end func() error, err error) {
	b, err := newBackend(c)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	server := &http.Server{
		Handler: b.handler, ErrorLog: slog.NewLogLogger(c.log.Handler(), slog.LevelError),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute, IdleTimeout: time.Minute,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	return func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err := server.Shutdown(ctx)
		if failed := <-served; !errors.Is(failed, http.ErrServerClosed) {
			err = errors.Join(err, failed)
		}
		return errors.Join(err, b.admin.Close())
	}, nil
}

// findApp returns the app that the environment names, or else an emulator that delivers its events to the backend at this URL.
func findApp(out io.Writer, url, webhookPassword string) (c config, stop func(), err error) {
	id, region, key := os.Getenv("COMETCHAT_APP_ID"), os.Getenv("COMETCHAT_REGION"), os.Getenv("COMETCHAT_API_KEY")
	switch {
	case id != "" && region != "" && key != "":
		_, err = fmt.Fprintf(out, "Talking to CometChat: app %s, region %s.\n", id, region)
		options := []cometchat.Option{cometchat.WithRegion(region), cometchat.WithEmulator("")}
		return config{appID: id, apiKey: key, options: options, webhookPassword: webhookPassword}, func() {}, err
	case id != "" || region != "" || key != "":
		return config{}, nil, errors.New("set all of COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_API_KEY, or none")
	}
	emulator := cometchattest.NewServer(cometchattest.WithWebhook(cometchattest.Webhook{
		URL: url + "/webhooks/cometchat", Username: webhookUsername, Password: webhookPassword,
	}))
	_, err = fmt.Fprintf(out, "Talking to an emulator of CometChat inside this process, at %s.\n", emulator.URL)
	return config{
		appID: emulator.AppID, apiKey: emulator.APIKey, options: emulator.AdminOptions(), webhookPassword: webhookPassword, emulated: true,
	}, emulator.Close, err
}
