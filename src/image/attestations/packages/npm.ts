import type { FoundPackage } from './package.ts'

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
