package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// setApp sets the environment that names the app.
func setApp(t *testing.T, id, region, apiKey string) {
	t.Helper()
	t.Setenv("COMETCHAT_APP_ID", id)
	t.Setenv("COMETCHAT_REGION", region)
	t.Setenv("COMETCHAT_API_KEY", apiKey)
}

func TestRunRefuses(t *testing.T) {
	for _, tc := range []struct {
		name, id, region, key string
		args                  []string
		wants                 string
	}{
		{name: "half an app", id: "app1", args: []string{"-csv", "x.csv"}, wants: "set all of COMETCHAT_APP_ID"},
		{name: "no file", id: "app1", region: "us", key: "key", wants: "name it with -csv"},
		{name: "a missing file", id: "app1", region: "us", key: "key", args: []string{"-csv", "none.csv"}, wants: "none.csv"},
		{name: "a state without an app", args: []string{"-state", "x"}, wants: "-state needs a real app"},
		{name: "no workers", args: []string{"-workers", "0"}, wants: "-workers must be from 1 to 256"},
		{name: "an argument that is no flag", args: []string{"users.csv"}, wants: `"users.csv" is not a flag`},
		{name: "an unknown flag", args: []string{"-x"}, wants: "not defined: -x"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			setApp(t, tc.id, tc.region, tc.key)
			t.Chdir(t.TempDir())
			require.ErrorContains(t, run(t.Context(), tc.args, screen{out: &bytes.Buffer{}}), tc.wants)
			files, err := os.ReadDir(".")
			require.NoError(t, err)
			assert.Empty(t, files, "no file was written")
		})
	}
}

func TestRunHelps(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-h"}, screen{out: &out}))
	assert.Contains(t, out.String(), "uid,name,avatar,link,role,tags")
}

func TestDemonstrationWithAFile(t *testing.T) {
	setApp(t, "", "", "")
	file := filepath.Join(t.TempDir(), "users.csv")
	demonstration := func(content string) (string, error) {
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
		var out bytes.Buffer
		err := run(t.Context(), []string{"-csv", file, "-workers", "2"}, screen{out: &out})
		return out.String(), err
	}

	out, err := demonstration("uid,name\nada,Ada\ncometchat-uid-1,Andrew Joseph\ncometchat-uid-2,Georgina\n")
	require.NoError(t, err)
	assert.Contains(t, out, "emulator")
	assert.Regexp(t, `3 of 3 users after .*: 1 created, 1 updated, 1 unchanged, 0 failed\.\n`, out)
	assert.Regexp(t, `3 of 3 users after .*: 0 created, 0 updated, 0 unchanged, 0 failed; 3 were imported before\.\n`, out)

	out, err = demonstration("uid,name\nada,Ada\nbob\nc y d,Cyd\n")
	require.ErrorContains(t, err, "2 of 3 users were left out")
	assert.Contains(t, out, "Unusable lines of "+file+", which are left out: 1\n   line 3: the line has 1 fields")
	assert.Contains(t, out, `   line 4 ("c y d"): cometchat: CreateUser: `)
}

func TestInterruptedFromTheBeginning(t *testing.T) {
	setApp(t, "", "", "")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	err := run(ctx, nil, screen{out: &bytes.Buffer{}})
	require.ErrorIs(t, err, errInterrupted)
	assert.ErrorContains(t, err, "with a real app, the same command would continue here")
}

func TestProgress(t *testing.T) {
	limit := cometchat.RateLimit{}
	lines := func(t *testing.T, terminal bool, updates ...summary) string {
		t.Helper()
		var out bytes.Buffer
		p := newProgress(screen{&out, terminal}, func() (cometchat.RateLimit, bool) { return limit, true })
		for _, s := range updates {
			p.update(s)
			<-time.After(2 * time.Second)
		}
		p.end(updates[len(updates)-1])
		return out.String()
	}
	begin := summary{total: 100, before: 10}
	middle := summary{total: 100, before: 10, created: 40}
	end := summary{total: 100, before: 10, created: 89, failed: 1, failures: []failure{{7, "x", os.ErrInvalid}}}
	const ending = "100 of 100 users after 8s: 89 created, 0 updated, 0 unchanged, 1 failed; 10 were imported before.\n" +
		"   line 7 (\"x\"): invalid argument\n"

	synctest.Test(t, func(t *testing.T) {
		assert.Equal(t, "\r10 of 100 users\x1b[K\r50 of 100 users, 20 a second, about 3s left\x1b[K"+
			"\r50 of 100 users, 10 a second, about 5s left\x1b[K\r100 of 100 users, 15 a second, about 0s left, 1 failed\x1b[K"+
			"\r\x1b[K"+ending, lines(t, true, begin, middle, middle, end))
	})
	synctest.Test(t, func(t *testing.T) {
		limit.Reset = time.Now().Add(time.Minute)
		assert.Equal(t, "100 of 100 users, 15 a second, about 0s left (waiting for the rate limit), 1 failed\n"+ending,
			lines(t, false, begin, middle, middle, end))
	})
}

func TestLongListsOfFailuresAreCut(t *testing.T) {
	var out bytes.Buffer
	screen{out: &out}.list(make([]failure, 13), 20)
	assert.Contains(t, out.String(), "   and 10 more\n")
}
