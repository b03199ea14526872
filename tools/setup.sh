#!/usr/bin/env bash
# Installs what building and running need and this machine lacks: Debian packages (as root) and the npm dependencies.
# With `--test` also what the tests use, with `--pack` what a package for both kinds of machines takes. Does nothing when everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
need() { command -v "$1" >/dev/null || packages+=("${2:-$1}"); }
need gcc
need make
need mmdebstrap
[ -e /usr/include/stdio.h ] || packages+=(libc6-dev)
[ -d /usr/include/linux ] || packages+=(linux-libc-dev)
if [ "${1:-}" = --pack ]; then
  . tools/machines.sh
  need "$other_compiler" "gcc-${other_compiler%-gcc}"
  [ -n "$(dpkg-query -W -f '${Version}' "$other_libc" 2>/dev/null)" ] || packages+=("$other_libc")
fi
if [ "${1:-}" = --test ]; then
  need curl
  need ip iproute2
  need jq
  need nft nftables
  need openssl
  need python3
  [ -d /usr/lib/python3/dist-packages/docker ] || packages+=(python3-docker)
  need strace
  need tmux
  need nsenter util-linux
  [ -x /bin/busybox ] || [ -x /usr/bin/busybox ] || packages+=(busybox-static)
fi
# The client alone is a package of its own from Debian 13 on. Before, docker.io brings a daemon that starts at once and
# changes the host's firewall: that is not for tests to install, and those that need a client say so.
need_docker_client() {
  [ "${1:-}" = --test ] && ! command -v docker >/dev/null && [ -n "$(apt-cache show docker-cli 2>/dev/null)" ]
}
if [ ${#packages[@]} -gt 0 ] || need_docker_client "$@"; then
  [ "$(id -u)" = 0 ] || { echo "setup: these packages are missing and only root can install them: ${packages[*]}" >&2; exit 1; }
  apt-get update -qq >/dev/null
  # A fresh machine has no lists of packages before.
  if need_docker_client "$@"; then packages+=(docker-cli); fi
  echo "setup: installing ${packages[*]}" >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

# npm ci is skipped when the installed tree is the one of the lock file.
stamp=node_modules/.tscompose-lock
if ! cmp -s package-lock.json "$stamp"; then
  echo "setup: installing npm packages" >&2
  npm ci --no-audit --no-fund --loglevel=error
  cp package-lock.json "$stamp"
fi

# What tests use of a package without its being installed, in the folder of its name or of the second one. Where it cannot be had,
# the tests that need it say so.
unpack_package() {
  local folder=node_modules/.tools/${2:-$1} download
  [ ! -e "$folder" ] || return 0
  download=$(mktemp -d)
  if (cd "$download" && { apt-get download -qq "$1" || { apt-get update -qq && apt-get download -qq "$1"; }; }) >/dev/null 2>&1; then
    mkdir -p "$(dirname "$folder")"
    dpkg-deb -x "$download"/*.deb "$folder.part" && mv "$folder.part" "$folder"
  else
    echo "setup: $1 cannot be had; its tests are skipped" >&2
  fi
  rm -rf "$download"
}
if [ "${1:-}" = --test ]; then
  # Installed, it would start a daemon on port 5000.
  command -v docker-registry >/dev/null || unpack_package docker-registry
  # From Debian 14 on.
  [ -z "$(apt-cache show docker-buildx 2>/dev/null)" ] || unpack_package docker-buildx
  # The older client of the two that the tests have calls of; its package has a daemon, too.
  if [[ "$(apt-cache policy docker.io 2>/dev/null)" == *'Candidate: 20.10'* ]]; then unpack_package docker.io; fi
fi

# An engine, what it runs and what it calls, and who leads to it by ssh, for swarms of the tests' own: installed, they would start at once. In a folder of
# their own, since the older client above is looked for by the name of its package.
if [ "${1:-}" = --test ]; then
  for package in docker.io containerd runc iptables libip4tc2 libip6tc2 libxtables12 libnftnl11 libnetfilter-conntrack3 libnfnetlink0 libmnl0 libseccomp2 libdevmapper1.02.1 openssh-server libwrap0; do
    unpack_package "$package" "engine/$package"
  done
fi

# Node's other versions that are promised, each from npm; where one cannot be had, its tests say so.
fetch_node() {
  local folder=node_modules/.tools/node-$1
  [ ! -e "$folder" ] || return 0
  if npm install --prefix "$folder.part" --no-audit --no-fund --silent "node-linux-$(node -p process.arch)@$1" >/dev/null 2>&1; then
    mkdir -p "$folder" && mv "$folder.part"/node_modules/node-linux-*/bin/node "$folder/node"
  else
    echo "setup: Node $1 cannot be had; its tests are skipped" >&2
  fi
  rm -rf "$folder.part"
}
# The public clients that our engine is tried with, and others' schemas; what installing them would run is not wanted, nor needed.
fetch_package() {
  local folder=node_modules/.tools/${1##*/}-$2
  [ ! -e "$folder" ] || return 0
  if npm install --prefix "$folder.part" --no-audit --no-fund --silent --ignore-scripts "$1@$2" >/dev/null 2>&1; then
    mv "$folder.part" "$folder"
  else
    rm -rf "$folder.part"
    echo "setup: $1 $2 cannot be had; its tests are skipped" >&2
  fi
}
if [ "${1:-}" = --test ]; then
  for version in 20.19 22 24 26; do fetch_node "$version"; done
  for version in 4 5; do fetch_package dockerode "$version"; done
  # Of Kubernetes 1.22 or so, 1.33 and 1.34.
  for version in 3 4 5; do fetch_package kubernetes-models "$version"; done
  fetch_package @kubernetes-models/gateway-api 2
  # The official client, against the API server of the tests.
  fetch_package @kubernetes/client-node 1.4
  for version in 10 11 12; do fetch_package testcontainers "$version"; done
fi
