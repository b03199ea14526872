#!/usr/bin/env bash
# Builds everything that is out of date: the native program, the schema validator, the bundles in dist/ and the types of what they export.
set -euo pipefail
cd "$(dirname "$0")/.."
make -s -C native
npx tsx tools/bundle.ts
npx tsc -p tsconfig.types.json
npx tsx tools/public-types.ts
