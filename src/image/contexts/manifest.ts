import { failure } from '../../diagnostics/index.ts'

/** Kinds of entries that a build context has. */
export type ContextEntryType = 'file' | 'folder' | 'symlink' | 'link' | 'fifo' | 'char' | 'block'

/** An entry of a build context, as whoever has it sees it. Names and links are raw bytes as latin1 text. */
export interface ContextEntry {
  readonly name: string
  readonly type: ContextEntryType
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number
  /** Whole seconds since 1970. */
  readonly mtime: number
  /** Bytes of a file. */
  readonly size: number
  /** Of a file: another one whenever its content may be another. Empty: its content is not to be trusted to stay. */
  readonly stamp: string
  /** Where a link leads, the first name of a file that has several, `major:minor` of a device. */
  readonly link: string
}

/** A whole build context without the contents of its files. */
export interface ContextManifest {
  /** Hex digest; the same for the same place with the same rules. */
  readonly key: string
  /** Of the context's own folder. */
  readonly mtime: number
  /** A folder before what is in it; names sorted by their bytes. */
  readonly entries: readonly ContextEntry[]
}

const TYPES: ReadonlySet<unknown> = new Set<ContextEntryType>([
  ...(['file', 'folder', 'symlink', 'link', 'fifo', 'char', 'block'] as const),
])
const DEVICE = /^\d{1,10}:\d{1,10}$/
const KEY = /^[0-9a-f]{64}$/
const LONGEST_NAME = 4095

/** What came over the wire as a manifest: `{ key, mtime, entries: [[name, type, mode, mtime, size, stamp, link] …] }`. Raises CONTEXT_INVALID. */
export function readManifest(value: unknown): ContextManifest {
  const { key, mtime, entries } = (value ?? {}) as Readonly<Record<string, unknown>>
  if (typeof key !== 'string' || !KEY.test(key)) throw invalid('its key is no digest')
  if (typeof mtime !== 'number' || !Array.isArray(entries)) throw invalid('it has no entries')
  const read = entries.map(readEntry)
  checkNames(read)
  return { key, mtime, entries: read }
}

/** The form of an entry in a manifest. */
export function writeEntry({ name, type, mode, mtime, size, stamp, link }: ContextEntry): readonly unknown[] {
  return [name, type, mode, mtime, size, stamp, link]
}

/** Reads the form that `writeEntry` gives. Raises CONTEXT_INVALID. */
export function readEntry(value: unknown): ContextEntry {
  const [name, type, mode, mtime, size, stamp, link] = Array.isArray(value) ? value : []
  if (![name, stamp, link].every(isLatin1) || !TYPES.has(type)) throw invalid('an entry is none')
  if (![mode, mtime, size].every(Number.isSafeInteger) || size < 0) throw invalid(`numbers of "${name}"`)
  return { name, type, mode: mode & 0o7777, mtime, size: type === 'file' ? size : 0, stamp, link }
}

/**
 * Each name is clean and unique, and lies in a folder of the manifest that stands before it: so no entry of it leads
 * another one elsewhere.
 */
function checkNames(entries: readonly ContextEntry[]): void {
  const seen = new Map<string, ContextEntryType>([['', 'folder']])
  for (const { name, type, link } of entries) {
    const slash = name.lastIndexOf('/')
    const last = name.slice(slash + 1)
    const isClean = last !== '' && last !== '.' && last !== '..' && !name.includes('\0')
    if (!isClean || name.length > LONGEST_NAME) throw invalid(`the name ${JSON.stringify(name)}`)
    if (seen.get(name.slice(0, Math.max(slash, 0))) !== 'folder' || slash === 0)
      throw invalid(`"${name}" lies in no folder`)
    if (seen.has(name)) throw invalid(`"${name}" is there twice`)
    if (type === 'symlink' && (link === '' || link.length > LONGEST_NAME || link.includes('\0')))
      throw invalid(`the link "${name}" leads nowhere`)
    if (type === 'link' && seen.get(link) !== 'file') throw invalid(`"${name}" names no file before it`)
    if ((type === 'char' || type === 'block') && !DEVICE.test(link))
      throw invalid(`the device "${name}" has no numbers`)
    seen.set(name, type)
  }
}

function isLatin1(value: unknown): value is string {
  return typeof value === 'string' && /^[\x00-\xff]*$/.test(value)
}

/** The failure of a manifest, or of what is sent to it. */
export function invalid(what: string): Error {
  return failure({
    code: 'CONTEXT_INVALID',
    kind: 'invalidArgument',
    summary: `the manifest of a build context cannot be taken: ${what}`,
  })
}

/** CONTEXT_GONE: what is kept of a context is no longer what it was when somebody was told of it. */
export function gone(): Error {
  return failure({
    code: 'CONTEXT_GONE',
    kind: 'conflict',
    summary: 'the kept build context is not there any more as it was',
    hint: 'ask again what of it is missing',
  })
}
