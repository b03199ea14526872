#!/usr/bin/env bash
# `npm run test:vm`: brings a stack of two busybox services up and down on a stock Debian 13 machine (cgroup v2, systemd,
# AppArmor). VM names the command that runs a command line on such a machine with this folder in it, and defaults to the
# one beside a checkout; without one the test is skipped and says so.
set -euo pipefail
cd "$(dirname "$0")/.."
VM=${VM:-../shared/vm/vm}
if [ ! -x "$VM" ]; then
  echo "skipped: no virtual machine runner at $VM; set VM to a command that takes: run -- COMMAND" >&2
  exit 0
fi
bash tools/setup.sh --test
bash tools/build.sh
# What travels is the built tree without the development packages: the machine needs Node alone.
stage=$(mktemp -d); trap 'rm -rf "$stage"' EXIT
cp -r bin dist package.json test/vm "$stage/"
"$VM" run --dir "$stage" -- "bash vm/two-services.sh && bash vm/budget.sh && bash vm/monitor.sh"
