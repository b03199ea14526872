#!/usr/bin/env bash
# Runs inside the virtual machine: up, checks, restart after a kill of the engine, down, and nothing left.
set -euo pipefail
tscompose=$PWD/bin/tscompose
work=$(mktemp -d); cd "$work"
cp "$(command -v busybox)" busybox
cat >Dockerfile <<'D'
FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
D
cat >compose.yaml <<'C'
name: two
services:
  web:
    build: .
    image: two-busybox
    command: httpd -f -p 80 -h /www
    ports: ["127.0.0.1:8090:80"]
    volumes: ["./www:/www:ro"]
    depends_on: {back: {condition: service_healthy}}
    mem_limit: 64m
  back:
    image: two-busybox
    build: .
    command: sh -c 'while true; do echo ok | nc -l -p 9000; done'
    healthcheck: {test: ["CMD", "true"], interval: 1s}
    init: true
C
mkdir www; echo hello >www/index.html
links=$(ip -br link | sort)
check() { echo "ok - $1"; }
fail() { echo "not ok - $1"; cat /run/tscompose/engine.log || true; exit 1; }

"$tscompose" up -d --wait || fail 'up'
check 'up'
[ "$(curl -fsS http://127.0.0.1:8090/)" = hello ] || fail 'the published port answers'
check 'the published port answers'
"$tscompose" exec -T web nslookup back 127.0.0.11 || fail 'names resolve'
check 'names resolve'
[ "$("$tscompose" exec -T web cat /sys/fs/cgroup/memory.max)" = 67108864 ] || fail 'the memory limit holds'
check 'the memory limit holds (cgroup v2)'
kill -9 "$(grep -o '[0-9]*' /run/tscompose/engine.lock | head -1)"
[ "$(curl -fsS http://127.0.0.1:8090/)" = hello ] || fail 'the page answers without the engine'
check 'the page answers without the engine'
[ "$("$tscompose" ps -q | wc -l)" = 2 ] || fail 'a new engine knows both containers'
check 'a new engine knows both containers'
"$tscompose" down -v || fail 'down'
for _ in $(seq 100); do pgrep -x tscomposed >/dev/null || break; sleep 0.1; done
pgrep -x tscomposed >/dev/null && fail 'the engine ends by itself'
check 'the engine ends by itself'
[ "$(ip -br link | sort)" = "$links" ] || fail 'no link is left'
grep -q tscompose /proc/self/mountinfo && fail 'no mount is left'
find /sys/fs/cgroup -maxdepth 2 -name 'tscompose*' | grep -q . && fail 'no cgroup is left'
nft list tables | grep -q tscompose && fail 'no nft table is left'
check 'nothing is left'
