#!/usr/bin/env bash
# Runs inside the virtual machine, after two-services.sh has made its image: a budget of a project on cgroup v2.
set -euo pipefail
tscompose=$PWD/bin/tscompose
work=$(mktemp -d); cd "$work"
group=/sys/fs/cgroup/tscompose/project-shared
check() { echo "ok - $1"; }
fail() { echo "not ok - $1"; cat /run/tscompose/engine.log || true; exit 1; }
holds() { # file value
  [ "$(cat "$group/$1")" = "$2" ] || fail "$1 is $2, not $(cat "$group/$1" 2>&1)"
  check "$1 is $2"
}
write() {
  cat >compose.yaml <<C
name: shared
x-tscompose: {limits: {$1}}
services:
  one: {image: two-busybox, init: true, command: sleep infinity, cpus: 1}
  eats: {image: two-busybox, command: tail /dev/zero, profiles: [eats]}
C
}

write 'memory: 96m, cpus: 0.5, pids: 40'
"$tscompose" up -d || fail 'up with a budget'
holds memory.max 100663296; holds memory.swap.max 100663296; holds cpu.max '50000 100000'; holds pids.max 40
[ "$("$tscompose" exec -T one head -1 /proc/meminfo | tr -s ' ')" = 'MemTotal: 98304 kB' ] || fail '/proc/meminfo'
check '/proc/meminfo is true to the budget'
pid=$("$tscompose" exec -T one cat /proc/1/stat)
write 'memory: 64m'
"$tscompose" up -d || fail 'up with another budget'
holds memory.max 67108864; holds cpu.max 'max 100000'; holds pids.max max
"$tscompose" --profile eats up eats | tee out || true
grep -q 'killed for want of memory (.*limit 64 MiB, by the limit of the project shared, shared-one-1 has' out || fail 'who is killed is told'
check 'who is killed is told'
"$tscompose" --profile eats down -v || fail 'down'
[ ! -e "$group" ] || fail 'the group is gone'
check 'the group is gone'
