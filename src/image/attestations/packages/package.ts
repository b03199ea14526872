/** Software that is installed in an image. */
export interface FoundPackage {
  readonly name: string
  readonly version: string
  /** Its package URL, https://github.com/package-url/purl-spec. */
  readonly purl: string
  /** The file that says so. */
  readonly source: string
}

/** What /etc/os-release says of the system in an image. */
export interface System {
  /** `debian`, `alpine`; empty where it does not say. */
  readonly id: string
  /** `bookworm`, or the version where it has no such name. */
  readonly release: string
}

/** Of a package that belongs to a system. */
export function systemPurl(
  type: 'deb' | 'apk',
  system: System,
  {
    name,
    version,
    architecture,
  }: { readonly name: string; readonly version: string; readonly architecture: string },
): string {
  const vendor = encodeURIComponent(system.id === '' ? 'unknown' : system.id)
  const distro =
    system.release === '' ? '' : `&distro=${encodeURIComponent(`${system.id}-${system.release}`)}`
  const arch = encodeURIComponent(architecture)
  return `pkg:${type}/${vendor}/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${arch}${distro}`
}

/** Reads /etc/os-release. */
export function readSystem(text: string | undefined): System {
  const values = new Map(
    (text ?? '').split('\n').map(line => {
      const at = line.indexOf('=')
      return [line.slice(0, at), line.slice(at + 1).replace(/^(["'])(.*)\1$/, '$2')] as const
    }),
  )
  return {
    id: values.get('ID') ?? '',
    release: values.get('VERSION_CODENAME') ?? values.get('VERSION_ID') ?? '',
  }
}
