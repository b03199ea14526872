#!/usr/bin/env bash
# `npm run lamp`: from a fresh clone to a page that answers.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tools/setup.sh
bash tools/build.sh
echo "The first time this makes a whole Debian for the images of the database and of PHP, from packages: some minutes. Later it takes seconds."
cd examples/lamp
# On a terminal builds are shown in a few rows; elsewhere their output is hundreds of lines of apt's, which a failure shows the last of.
quiet=(); [ -t 2 ] || quiet=(--quiet-build)
../../bin/tscompose up -d --wait "${quiet[@]}" "$@"
address=$(../../bin/tscompose port web 80)
url="http://localhost:${address##*:}/"
echo
echo "The page answers at $url"
echo "Stop it with: bin/tscompose --project-directory examples/lamp down     (add -v to drop its data)"
