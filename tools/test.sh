#!/usr/bin/env bash
# `npm test`: sets up, builds, checks and runs every test that this machine allows; says what it skipped and why.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tools/setup.sh --test
bash tools/build.sh
npx tsc --noEmit
npx biome check .
npx tsx tools/check.ts
make -s -C native test
projects=(--project unit)
if [ "$(id -u)" = 0 ]; then
  projects+=(--project e2e --project sanitized)
fi
# What could not run here is listed at the end, with its reason, and where the time went.
exec npx vitest run "${projects[@]}" --reporter=default --reporter=./test/skipped-reporter.ts --reporter=./test/slowest-reporter.ts "$@"
