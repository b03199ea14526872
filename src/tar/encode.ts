import { BLOCK, type TarEntry, TYPE_FLAGS, XATTR_PREFIX } from './entry.ts'

const MAX_OCTAL_7 = 0o7777777
const MAX_OCTAL_11 = 0o77777777777

/**
 * Header blocks of an entry, always the same bytes for the same entry: a PAX header only where ustar has no room,
 * records sorted by key, no user names, no times but mtime.
 */
export function encodeHeader(entry: TarEntry): Buffer {
  const records = paxRecords(entry)
  const blocks = [ustar(entry)]
  if (records.length > 0) {
    const body = Buffer.from(records.join(''), 'latin1')
    blocks.unshift(paxHeader(body.length), body, padding(body.length))
  }
  return Buffer.concat(blocks)
}

/** Zeros that fill up the last block of `size` bytes. */
export function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK)
}

/** What ends an archive. */
export function endOfArchive(): Buffer {
  return Buffer.alloc(2 * BLOCK)
}

function paxRecords(entry: TarEntry): string[] {
  const values = new Map<string, string>()
  if (entry.name.length > 100) values.set('path', entry.name)
  if (entry.linkName.length > 100) values.set('linkpath', entry.linkName)
  if (entry.uid > MAX_OCTAL_7) values.set('uid', String(entry.uid))
  if (entry.gid > MAX_OCTAL_7) values.set('gid', String(entry.gid))
  if (entry.size > MAX_OCTAL_11) values.set('size', String(entry.size))
  for (const [name, value] of entry.xattrs) values.set(`${XATTR_PREFIX}${name}`, value)
  return [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => paxRecord(key, value))
}

/** `<length> key=value\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  let length = rest.length
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length
  return `${length}${rest}`
}

function paxHeader(size: number): Buffer {
  return block({
    name: 'PaxHeaders/entry',
    type: 'x',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size,
    mtime: 0,
    linkName: '',
  })
}

function ustar(entry: TarEntry): Buffer {
  const device = entry.type === 'char' || entry.type === 'block'
  return block({
    name: entry.name,
    type: TYPE_FLAGS[entry.type],
    mode: entry.mode,
    uid: entry.uid > MAX_OCTAL_7 ? 0 : entry.uid,
    gid: entry.gid > MAX_OCTAL_7 ? 0 : entry.gid,
    size: entry.size > MAX_OCTAL_11 ? 0 : entry.size,
    mtime: Math.max(0, entry.mtime),
    linkName: entry.linkName,
    ...(device ? { devMajor: entry.devMajor, devMinor: entry.devMinor } : {}),
  })
}

interface Fields {
  readonly name: string
  readonly type: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtime: number
  readonly linkName: string
  readonly devMajor?: number
  readonly devMinor?: number
}

function block(fields: Fields): Buffer {
  const bytes = Buffer.alloc(BLOCK)
  const octal = (value: number, offset: number, digits: number): void => {
    bytes.write(value.toString(8).padStart(digits, '0'), offset, 'latin1')
  }
  bytes.write(fields.name.slice(0, 100), 0, 'latin1')
  octal(fields.mode, 100, 7)
  octal(fields.uid, 108, 7)
  octal(fields.gid, 116, 7)
  octal(fields.size, 124, 11)
  octal(fields.mtime, 136, 11)
  bytes.write('        ', 148, 'latin1')
  bytes.write(fields.type, 156, 'latin1')
  bytes.write(fields.linkName.slice(0, 100), 157, 'latin1')
  bytes.write('ustar\x0000', 257, 'latin1')
  octal(fields.devMajor ?? 0, 329, 7)
  octal(fields.devMinor ?? 0, 337, 7)
  let sum = 0
  for (const byte of bytes) sum += byte
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return bytes
}
