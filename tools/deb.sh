#!/usr/bin/env bash
# `npm run deb`: a Debian package for each of the two kinds of machines, into out/: the program, its manual, completion for three
# shells, and a unit that has containers with a restart policy started after boot.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tools/setup.sh --pack
bash tools/build.sh --all
. tools/machines.sh
version=$(node -p "require('./package.json').version")
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

# What the npm package has is what is installed; its bundles need no modules of others.
npm pack --silent --ignore-scripts --pack-destination "$stage" >/dev/null
mkdir "$stage/package"
tar -xzf "$stage"/*.tgz -C "$stage"

# make_package MACHINE ARCHITECTURE: Node's name of it, and Debian's.
make_package() {
  local root=$stage/$2 lib=$stage/$2/usr/lib/tscompose doc=$stage/$2/usr/share/doc/tscompose file
  mkdir -p "$lib" "$root/usr/bin" "$root/usr/share/man/man1" "$doc" "$root/DEBIAN"
  cp -r "$stage/package/." "$lib"
  mv "$lib/docs" "$lib/examples" "$lib/README.md" "$lib/CHANGELOG.md" "$lib/SECURITY.md" "$doc"
  rm "$lib/LICENSE"
  install -m644 tools/deb/copyright "$doc/copyright"
  changelog | gzip -9n > "$doc/changelog.gz"
  for file in "$lib"/dist/tscompose-{native,launcher}-*; do [ "${file##*-}" = "$1" ] || rm "$file"; done
  ln -s ../lib/tscompose/bin/tscompose "$root/usr/bin/tscompose"
  gzip -9nc "$lib/dist/man/tscompose.1" > "$root/usr/share/man/man1/tscompose.1.gz"
  for file in tscompose.service tscompose-serve.service tscompose-serve.socket; do
    install -Dm644 "tools/deb/$file" "$root/usr/lib/systemd/system/$file"
  done
  completion bash "$root/usr/share/bash-completion/completions/tscompose"
  completion zsh "$root/usr/share/zsh/vendor-completions/_tscompose"
  completion fish "$root/usr/share/fish/vendor_completions.d/tscompose.fish"
  sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$2/" tools/deb/control > "$root/DEBIAN/control"
  chmod -R u=rwX,go=rX "$root"
  for file in postinst prerm postrm; do install -m755 "tools/deb/$file" "$root/DEBIAN/$file"; done
  mkdir -p out
  dpkg-deb --build --root-owner-group "$root" "out/tscompose_${version}_$2.deb"
}

# In Debian's form; what has changed is in CHANGELOG.md.
changelog() {
  printf 'tscompose (%s) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- %s  %s\n' \
    "$version" "$(sed -n 's/^Maintainer: //p' tools/deb/control)" "$(git log -1 --format=%aD 2>/dev/null || date -R)"
}

completion() {
  mkdir -p "$(dirname "$2")"
  bin/tscompose completion "$1" > "$2"
}

make_package x64 amd64
make_package arm64 arm64

# The one for this machine is tried as it would be installed.
dpkg-deb -x "out/tscompose_${version}_$(dpkg --print-architecture).deb" "$stage/installed"
[ "$("$stage/installed/usr/bin/tscompose" version --short)" = "$version" ]
(cd "$stage" && echo 'services: {web: {image: web}}' > compose.yaml && installed/usr/bin/tscompose config -q)
