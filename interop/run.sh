#!/usr/bin/env bash
# Runs CometChat's official JavaScript SDK in a browser and the Go SDK through the same steps, each against an emulator of its own, to
# compare their requests, frames and results; both against a third emulator, online together; and CometChat's React UI Kit against a
# fourth.
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
children=() # the emulators and what runs against them
finish() {
  local status=$?
  for pid in "${children[@]}"; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" || true
  done
  if [ "$status" -ne 0 ]; then
    tail -n 20 "$temp"/*.log 2>/dev/null || true
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
  timeout 600 env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >"$temp/apt.out" 2>&1 ||
    { tail -n 20 "$temp/apt.out" && exit 1; }
  chromium=$(command -v chromium)
fi

# npm's own copy of the lock file has another text, so this script keeps a copy of the lock file that it installed.
if ! cmp -s package-lock.json node_modules/.installed-lock; then
  timeout 300 npm ci --no-progress
  cp package-lock.json node_modules/.installed-lock
fi

go build -o "$temp/" ../cmd/cometchat-emulator ./gosteps ./compare

export INTEROP_APP_ID=interop-app INTEROP_REGION=us
export INTEROP_AUTH_KEY=interop-auth-key INTEROP_API_KEY=interop-rest-api-key # the keys of emulators that run for a minute
export INTEROP_CHROMIUM="$chromium" INTEROP_GOSTEPS="$temp/gosteps"

# Starts an emulator and sets the variables that name it. The same calls give the same ids in each emulator.
start() {
  local hello="$temp/$1.hello" port="" line
  export INTEROP_CA="$temp/$1.pem" INTEROP_RECORD="$temp/$1.jsonl"
  mkfifo "$hello"
  XDG_CONFIG_HOME="$temp/$1.config" "$temp/cometchat-emulator" -addr 127.0.0.1:0 -tls -ca "$INTEROP_CA" -record "$INTEROP_RECORD" \
    -app-id "$INTEROP_APP_ID" -region "$INTEROP_REGION" -auth-key "$INTEROP_AUTH_KEY" -api-key "$INTEROP_API_KEY" \
    >"$hello" 2>"$temp/$1.log" &
  children+=($!)
  exec {out}<"$hello" # it stays open, so that the emulator can go on writing
  while [ -z "$port" ] && read -r -t 30 -u "$out" line; do
    if [[ $line =~ REST\ API.*://[^/]*:([0-9]+)/ ]]; then port=${BASH_REMATCH[1]}; fi
  done
  [ -n "$port" ] || { printf 'the emulator did not print its address\n' && exit 1; }
  # Both API hosts have the same address. The recording tells them apart by two names of that address.
  export INTEROP_ADMIN_HOST="localhost:$port" INTEROP_CLIENT_HOST="127.0.0.1:$port"
}

# Most of the time each of these waits, so they run at the same time.
start together
timeout --kill-after 10 180 node browser/run.mjs together >"$temp/together.out" 2>&1 &
together=$!
children+=("$together")
start uikit
timeout --kill-after 10 180 node uikit/run.mjs >"$temp/uikit.out" 2>&1 &
uikit=$!
children+=("$uikit")
start go
timeout --kill-after 10 60 "$INTEROP_GOSTEPS" >"$temp/go.out" 2>&1 &
goes=$!
children+=("$goes")
start javascript
failed=0
timeout --kill-after 10 180 node browser/run.mjs || failed=1
wait "$goes" || failed=1
cat "$temp/go.out"
if [ "$failed" = 0 ]; then
  timeout --kill-after 10 60 "$temp/compare" "$temp/javascript.jsonl" "$temp/go.jsonl" || failed=1
fi
wait "$together" || failed=1
cat "$temp/together.out"
wait "$uikit" || failed=1
cat "$temp/uikit.out"
exit "$failed"
