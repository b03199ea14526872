/** Node's names of architectures that OCI calls otherwise (the specification takes Go's GOARCH). */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  ia32: '386',
  arm: 'arm',
}

/** This machine's architecture in OCI's words. */
export function hostArchitecture(): string {
  return ARCHITECTURES[process.arch] ?? process.arch
}
