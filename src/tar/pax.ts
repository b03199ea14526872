import { type TarEntry, XATTR_PREFIX } from './entry.ts'
import { malformed } from './failure.ts'
import { checkId, checkSize, type Header } from './header.ts'

/** Records of a PAX header by key; keys and values are raw bytes as latin1 text. */
export type Records = ReadonlyMap<string, string>

const NO_XATTRS: ReadonlyMap<string, string> = new Map()
const NANOSECONDS = 9
/** The first form of sparse files has a pair of records for each piece, the second all pairs in one. */
const SPARSE_PIECE: ReadonlySet<string> = new Set(['GNU.sparse.offset', 'GNU.sparse.numbytes'])
const SPARSE_MAP = 'GNU.sparse.map'

/** Reads the body of a PAX header: `<length> key=value\n`, the length counting itself. */
export function parseRecords(body: Buffer): Records {
  const records = new Map<string, string>()
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at)
    const digits = space === -1 || space - at > 10 ? '' : body.toString('latin1', at, space)
    const end = at + (/^\d+$/.test(digits) ? Number(digits) : 0)
    const equals = body.indexOf(0x3d, space)
    if (end > body.length || end <= equals || equals === -1 || body[end - 1] !== 0x0a)
      throw malformed('a PAX record lies about its length')
    const key = body.toString('latin1', space + 1, equals)
    const value = body.toString('latin1', equals + 1, end - 1)
    if (SPARSE_PIECE.has(key)) records.set(SPARSE_MAP, `${records.get(SPARSE_MAP) ?? ''}${value},`)
    else records.set(key, value)
    at = end
  }
  return records
}

/** What records say instead of the header. */
export function applyRecords(header: Header, records: Records): Omit<TarEntry, 'type'> {
  if (records.size === 0) return { ...header, nanoseconds: 0, xattrs: NO_XATTRS }
  const whole = (key: string, otherwise: number): number => {
    const value = records.get(key)
    if (value === undefined || value === '') return otherwise
    if (!/^\d+$/.test(value)) throw malformed(`the PAX record ${key} is no number`)
    return Number(value)
  }
  return {
    ...header,
    name: textOf(records, 'path') ?? header.name,
    linkName: textOf(records, 'linkpath') ?? header.linkName,
    uid: checkId(whole('uid', header.uid)),
    gid: checkId(whole('gid', header.gid)),
    size: checkSize(whole('size', header.size)),
    ...timeOf(records.get('mtime'), header.mtime),
    xattrs: xattrsOf(records),
  }
}

/** An empty value takes back what a global header said. */
function textOf(records: Records, key: string): string | undefined {
  const value = records.get(key)
  if (value === undefined || value === '') return undefined
  if (value.includes('\0')) throw malformed(`the PAX record ${key} has a NUL in it`)
  return value
}

/** Seconds with a fraction; what is before 1970 counts its fraction upwards, as the kernel does. */
function timeOf(value: string | undefined, otherwise: number): Pick<TarEntry, 'mtime' | 'nanoseconds'> {
  if (value === undefined || value === '') return { mtime: otherwise, nanoseconds: 0 }
  const [, sign = '', seconds = '', fraction = ''] = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(value) ?? []
  if (seconds === '') throw malformed('the PAX record mtime is no time')
  const nanoseconds = Number(fraction.slice(0, NANOSECONDS).padEnd(NANOSECONDS, '0'))
  if (sign === '') return { mtime: Number(seconds), nanoseconds }
  if (nanoseconds === 0) return { mtime: 0 - Number(seconds), nanoseconds }
  return { mtime: -Number(seconds) - 1, nanoseconds: 10 ** NANOSECONDS - nanoseconds }
}

function xattrsOf(records: Records): ReadonlyMap<string, string> {
  const found = [...records].filter(([key]) => key.startsWith(XATTR_PREFIX))
  return new Map(found.map(([key, value]) => [key.slice(XATTR_PREFIX.length), value]))
}
