#!/usr/bin/env bash
# Builds everything that is out of date: the native program, the schema validator, the bundles in dist/ and the types of what they export.
# SOURCE_DATE_EPOCH (seconds) is the time of the build that `/version` tells; without it that of the commit.
# With `--all` also the native program for the other kind of machine that the package is for.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/machines.sh
make -s -C native
[ "${1:-}" != --all ] || make -s -C native BUILD=build/$other_machine CC=$other_compiler
npx tsx tools/bundle.ts
for program in native launcher; do cp native/build/tscompose-$program dist/tscompose-$program-$this_machine; done
[ "${1:-}" != --all ] || for program in native launcher; do cp native/build/$other_machine/tscompose-$program dist/tscompose-$program-$other_machine; done
npx tsc -p tsconfig.types.json
npx tsx tools/public-types.ts
