#!/usr/bin/env bash
# Runs inside the virtual machine, after two-services.sh has made its image: under AppArmor, too, a container ends with its monitor.
set -euo pipefail
tscompose=$PWD/bin/tscompose
work=$(mktemp -d); cd "$work"
cat >compose.yaml <<'C'
name: ends
services:
  one: {image: two-busybox, command: sleep 7777}
  two: {image: two-busybox, init: true, user: "1000", command: sleep 7777}
C
"$tscompose" up -d || { echo 'not ok - up'; exit 1; }
kill -9 "$(grep -o '[0-9]*' /run/tscompose/engine.lock | head -1)"
for name in /var/lib/tscompose/containers/*/status; do kill -9 "$(sed -n 's/^monitor_pid=//p' "$name")"; done
for _ in $(seq 100); do pgrep -f '^sleep 7777' >/dev/null || break; sleep 0.1; done
pgrep -f '^sleep 7777' >/dev/null && { echo 'not ok - they end with their monitors'; exit 1; }
echo 'ok - they end with their monitors'
"$tscompose" down -v
