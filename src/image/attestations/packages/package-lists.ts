import { type FoundPackage, type System, systemPurl } from './package.ts'

/** Reads dpkg's list of packages (`status`, or a file of `status.d`); those that are no more than configured away are left out. */
export function dpkgPackages(text: string, source: string, system: System): readonly FoundPackage[] {
  return stanzas(text, /^([A-Za-z-]+): ?(.*)$/).flatMap(fields => {
    const { Package: name, Version: version, Status: status, Architecture: architecture = '' } = fields
    const isThere = status === undefined || / installed$/.test(status)
    if (name === undefined || version === undefined || !isThere) return []
    return [{ name, version, source, purl: systemPurl('deb', system, { name, version, architecture }) }]
  })
}

/** Reads apk's list of installed packages. */
export function apkPackages(text: string, source: string, system: System): readonly FoundPackage[] {
  return stanzas(text, /^([A-Za-z]):(.*)$/).flatMap(({ P: name, V: version, A: architecture = '' }) => {
    if (name === undefined || version === undefined) return []
    return [{ name, version, source, purl: systemPurl('apk', system, { name, version, architecture }) }]
  })
}

/** Reads the head of a Python distribution's METADATA (PEP 566). */
export function pythonPackage(text: string, source: string): readonly FoundPackage[] {
  const [head = ''] = text.split(/\r?\n\r?\n/)
  const [fields = {}] = stanzas(head, /^([A-Za-z-]+): ?(.*?)\r?$/)
  const { Name: name, Version: version } = fields
  if (name === undefined || version === undefined) return []
  const plain = name.toLowerCase().replace(/[-_.]+/g, '-')
  const purl = `pkg:pypi/${encodeURIComponent(plain)}@${encodeURIComponent(version)}`
  return [{ name, version, source, purl }]
}

/** Reads a package-lock.json of version 2 or 3; one that is broken or older names nothing. */
export function npmPackages(text: string, source: string): readonly FoundPackage[] {
  let lock: { readonly packages?: unknown } | null
  try {
    lock = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return []
    throw error
  }
  const packages: unknown = lock?.packages
  if (typeof packages !== 'object' || packages === null) return []
  return Object.entries(packages).flatMap(([path, value]: [string, unknown]) => {
    const { version, dev, link } = (value ?? {}) as Readonly<Record<string, unknown>>
    const name = path.split('node_modules/').at(-1) ?? ''
    // Of the project itself, of what is only there for its makers, and of links nothing is installed.
    if (path === '' || typeof version !== 'string' || dev === true || link === true) return []
    const purl = `pkg:npm/${name.split('/').map(encodeURIComponent).join('/')}@${encodeURIComponent(version)}`
    return [{ name, version, source, purl }]
  })
}

/** Paragraphs of fields, the first of each name; lines that go on are no field of their own. */
function stanzas(text: string, field: RegExp): readonly Readonly<Record<string, string | undefined>>[] {
  return text.split(/\n\n+/).flatMap(stanza => {
    const fields: Record<string, string> = {}
    for (const line of stanza.split('\n')) {
      const [, name, value] = field.exec(line) ?? []
      if (name !== undefined && value !== undefined && !Object.hasOwn(fields, name)) fields[name] = value
    }
    return Object.keys(fields).length === 0 ? [] : [fields]
  })
}
