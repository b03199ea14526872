import { failure } from '../diagnostics/index.ts'
import type { TarEntry } from './entry.ts'
import { malformed, quoteName } from './failure.ts'

/** PATH_MAX of Linux counts the NUL at the end. */
const LONGEST_PATH = 4095
const HARMLESS = /^(?:user\.|security\.capability$|system\.posix_acl_)/

/**
 * The entry with names as a sink wants them; undefined for the top itself. Names are relative to the folder that is
 * unpacked to, also with a slash before them; `..` is resolved by the letters, as Docker does. What climbs out is refused
 * (TAR_INVALID), symbolic links excepted: theirs are resolved when they are walked. Extended attributes that mean
 * something to overlayfs or to the host's security modules are left out.
 */
export function checkEntry(entry: TarEntry): TarEntry | undefined {
  const name = cleanName(entry.name)
  if (name === '') return undefined
  const xattrs = entry.xattrs.size === 0 ? entry.xattrs : harmless(entry.xattrs)
  switch (entry.type) {
    case 'link':
      return { ...entry, name, xattrs, linkName: checkTarget(entry, cleanName(entry.linkName)) }
    case 'symlink':
      return { ...entry, name, xattrs, linkName: checkTarget(entry, entry.linkName) }
    default:
      return { ...entry, name, xattrs, linkName: '' }
  }
}

/** Without devices, which nobody needs an archive for: they would reach the host's hardware. */
export function withoutDevices(entry: TarEntry): TarEntry | undefined {
  return entry.type === 'char' || entry.type === 'block' ? undefined : entry
}

/** Without what overlayfs takes for something that was removed. */
export function withoutWhiteouts(entry: TarEntry): TarEntry | undefined {
  return entry.type === 'char' && entry.devMajor === 0 && entry.devMinor === 0 ? undefined : entry
}

/** The attributes of an entry that mean the same wherever it is unpacked. */
export function harmless(xattrs: TarEntry['xattrs']): TarEntry['xattrs'] {
  return new Map([...xattrs].filter(([name]) => !name.includes('\0') && HARMLESS.test(name)))
}

function checkTarget({ name }: TarEntry, target: string): string {
  if (target === '') throw malformed(`the link ${quoteName(name)} leads nowhere`)
  if (target.length > LONGEST_PATH) throw malformed(`the link ${quoteName(name)} has ${target.length} bytes`)
  return target
}

function cleanName(given: string): string {
  const parts: string[] = []
  for (const part of given.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) throw climbs(given)
  }
  const name = parts.join('/')
  if (name.length > LONGEST_PATH) throw malformed(`the name ${quoteName(given)}… has ${name.length} bytes`)
  return name
}

function climbs(name: string): Error {
  return failure({
    code: 'TAR_INVALID',
    kind: 'invalidArgument',
    summary: `tar entry ${quoteName(name)} would leave the folder that it is unpacked to`,
    facts: { climbs: Buffer.from(name, 'latin1').toString() },
  })
}
