# The two kinds of machines that the native program is built for, by Node's names, and what compiles for the one that this is not.
case $(uname -m) in
  x86_64) this_machine=x64 other_machine=arm64 other_compiler=aarch64-linux-gnu-gcc other_libc=libc6-dev-arm64-cross ;;
  aarch64) this_machine=arm64 other_machine=x64 other_compiler=x86_64-linux-gnu-gcc other_libc=libc6-dev-amd64-cross ;;
  *) echo "tscompose is for x86-64 and arm64, not for $(uname -m)" >&2; exit 1 ;;
esac
