#!/usr/bin/env bash
# Runs CometChat's official JavaScript SDK in a browser and the Go SDK against the same emulator: one after the other, to compare
# their requests and frames, and then together.
# It installs the npm packages and, as root on Debian, Chromium. README.md says more.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null
export GOWORK=off

skip() {
  printf 'skipped: %s\n' "$1"
  exit 0
}

temp=$(mktemp -d)
emulator_pid=""
finish() {
  local status=$?
  if [ -n "$emulator_pid" ]; then
    kill "$emulator_pid" 2>/dev/null || true
    wait "$emulator_pid" || true
  fi
  if [ "$status" -ne 0 ] && [ -s "$temp/emulator.log" ]; then
    printf '\nThe last lines of the emulator:\n'
    tail -n 20 "$temp/emulator.log"
  fi
  rm -rf "$temp"
  exit "$status"
}
trap finish EXIT

command -v node >/dev/null && command -v npm >/dev/null || skip "the JavaScript SDK needs Node.js and npm"

chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || true)}
if [ -z "$chromium" ]; then
  command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || skip "Chromium is missing, and only root can install it"
  printf 'installing Chromium\n'
  timeout 300 apt-get update -qq
  timeout 600 env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >"$temp/apt.log" 2>&1 ||
    { tail -n 20 "$temp/apt.log" && exit 1; }
  chromium=$(command -v chromium)
fi

# npm's own copy of the lock file has another text, so this script keeps a copy of the lock file that it installed.
if ! cmp -s package-lock.json node_modules/.installed-lock; then
  timeout 300 npm ci --no-progress
  cp package-lock.json node_modules/.installed-lock
fi

go build -o "$temp/" ../cmd/cometchat-emulator ./gosteps ./compare

export INTEROP_APP_ID=interop-app INTEROP_REGION=us
export INTEROP_AUTH_KEY=interop-auth-key INTEROP_API_KEY=interop-rest-api-key # the keys of an emulator that runs for a minute
export INTEROP_CA="$temp/ca.pem" INTEROP_RECORD="$temp/record.jsonl" INTEROP_CHROMIUM="$chromium"
export INTEROP_GOSTEPS="$temp/gosteps"

mkfifo "$temp/hello"
XDG_CONFIG_HOME="$temp/config" "$temp/cometchat-emulator" -addr 127.0.0.1:0 -tls -ca "$INTEROP_CA" -record "$INTEROP_RECORD" -app-id "$INTEROP_APP_ID" \
  -region "$INTEROP_REGION" -auth-key "$INTEROP_AUTH_KEY" -api-key "$INTEROP_API_KEY" >"$temp/hello" 2>"$temp/emulator.log" &
emulator_pid=$!
exec 3<"$temp/hello" # it stays open, so that the emulator can go on writing
port=""
while [ -z "$port" ] && read -r -t 30 -u 3 line; do
  if [[ $line =~ REST\ API.*://[^/]*:([0-9]+)/ ]]; then port=${BASH_REMATCH[1]}; fi
done
[ -n "$port" ] || { printf 'the emulator did not print its address\n' && exit 1; }
# Both API hosts have the same address. The recording tells them apart by two names of that address.
export INTEROP_ADMIN_HOST="localhost:$port" INTEROP_CLIENT_HOST="127.0.0.1:$port"

timeout --kill-after 10 120 node browser/run.mjs
timeout --kill-after 10 60 "$INTEROP_GOSTEPS"
timeout --kill-after 10 60 "$temp/compare" "$INTEROP_RECORD"
timeout --kill-after 10 120 node browser/run.mjs together
