#!/usr/bin/env bash
# `npm run test:arm`: builds the native program for arm64 and tries on an emulated processor what one can there: the decoders on their
# corpora, the operations on trees and the encoding, which is read by the program itself. The emulator has neither clone3 nor the
# calls of mounts, so that nothing is started in namespaces here.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(uname -m)" = x86_64 ] || { echo "this machine is no x86-64: npm test tries the native program as it is" >&2; exit 1; }
bash tools/setup.sh --pack
. tools/machines.sh

# Taken out of its package: installed, it would register itself with the kernel for the whole machine.
emulator=node_modules/.tools/qemu/usr/bin/qemu-aarch64-static
if [ ! -x "$emulator" ]; then
  download=$(mktemp -d)
  (cd "$download" && { apt-get download -qq qemu-user-static || { apt-get update -qq && apt-get download -qq qemu-user-static; }; }) 2>/dev/null
  mkdir -p node_modules/.tools
  dpkg-deb -x "$download"/*.deb node_modules/.tools/qemu
  rm -rf "$download"
fi
emulator=$(realpath "$emulator")

# The sanitizers do not know the emulator; the same corpora run under them in `npm test`.
arm=(BUILD=build/$other_machine CC=$other_compiler SANITIZE=-static EMULATOR="$emulator")
make -s -C native "${arm[@]}"
make -s -C native "${arm[@]}" test

native=$(mktemp)
trap 'rm -f "$native"' EXIT
printf '#!/bin/sh\nexec %s -0 tscompose-native %s "$@"\n' "$emulator" "$PWD/native/build/$other_machine/tscompose-native" > "$native"
chmod +x "$native"
TSCOMPOSE_NATIVE=$native npx vitest run --project unit src/native
