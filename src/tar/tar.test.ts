import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TarDecoder } from './decode.ts'
import { encodeHeader, endOfArchive, padding } from './encode.ts'
import { type TarEntry, type TarType, TYPE_FLAGS } from './entry.ts'

const PLAIN: TarEntry = {
  type: 'file',
  name: 'a/b',
  linkName: '',
  mode: 0o644,
  uid: 1,
  gid: 2,
  size: 3,
  mtime: 1_700_000_000,
  nanoseconds: 0,
  devMajor: 0,
  devMinor: 0,
  xattrs: new Map(),
}

function archiveOf(entries: readonly (readonly [TarEntry, Buffer])[]): Buffer {
  const parts = entries.flatMap(([entry, data]) => [encodeHeader(entry), data, padding(data.length)])
  return Buffer.concat([...parts, endOfArchive()])
}

/** Decodes in pieces of the given size. */
function decode(archive: Buffer, piece: number): { entries: TarEntry[]; data: Buffer } {
  const entries: TarEntry[] = []
  const chunks: Buffer[] = []
  const decoder = new TarDecoder({
    entry: entry => entries.push(entry),
    data: chunk => chunks.push(Buffer.from(chunk)),
  })
  for (let at = 0; at < archive.length; at += piece) decoder.write(archive.subarray(at, at + piece))
  decoder.end()
  return { entries, data: Buffer.concat(chunks) }
}

test('what is encoded decodes to the same, however the bytes come', () => {
  const latin1 = fc.string({ unit: fc.integer({ min: 1, max: 255 }).map(code => String.fromCharCode(code)) })
  const entry = fc.record({
    type: fc.constantFrom(...(Object.keys(TYPE_FLAGS) as TarType[])),
    name: latin1.filter(name => name !== ''),
    linkName: latin1,
    mode: fc.nat(0o7777),
    uid: fc.nat(2 ** 31),
    gid: fc.nat(2 ** 31),
    mtime: fc.nat(2 ** 31),
    devMajor: fc.nat(4000),
    devMinor: fc.nat(200_000),
    xattrs: fc
      .dictionary(fc.constantFrom('user.a', 'security.capability'), latin1, { noNullPrototype: true })
      .map(record => new Map(Object.entries(record))),
    data: fc.uint8Array({ maxLength: 1500 }),
  })
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 5 }), fc.integer({ min: 1, max: 2000 }), (drafts, piece) => {
      const entries = drafts.map(({ data, ...draft }): readonly [TarEntry, Buffer] => {
        const device = draft.type === 'char' || draft.type === 'block'
        const content = draft.type === 'file' ? Buffer.from(data) : Buffer.alloc(0)
        const numbers = { nanoseconds: 0, ...(device ? {} : { devMajor: 0, devMinor: 0 }) }
        return [{ ...draft, ...numbers, size: content.length }, content]
      })
      const decoded = decode(archiveOf(entries), piece)
      expect(decoded.entries).toEqual(entries.map(([expected]) => expected))
      expect(decoded.data).toEqual(Buffer.concat(entries.map(([, data]) => data)))
    }),
    { numRuns: 200 },
  )
})

test('GNU tar reads what is written, long names included', () => {
  const name = `${'long/'.repeat(60)}name`
  const archive = archiveOf([[{ ...PLAIN, name }, Buffer.from('abc')]])
  const listed = execFileSync('tar', ['--list', '--file=-'], { input: archive, encoding: 'utf8' })
  expect(listed.trim()).toBe(name)
})

test.each([
  ['an unknown type', (archive: Buffer): number => archive.write('Z', 156)],
  ['a number that is none', (archive: Buffer): number => archive.write('9x', 100)],
])('%s is refused', (_, spoil) => {
  const archive = archiveOf([[PLAIN, Buffer.from('abc')]])
  spoil(archive)
  expect(() => decode(archive, 512)).toThrow(expect.objectContaining({ code: 'TAR_MALFORMED' }))
})

test('an archive that stops within an entry is refused', () => {
  const archive = archiveOf([[PLAIN, Buffer.from('abc')]]).subarray(0, 514)
  expect(() => decode(archive, 512)).toThrow(expect.objectContaining({ code: 'TAR_MALFORMED' }))
})

test('an archive whose last file lacks its padding is whole, as the docker CLI sends it', () => {
  const archive = archiveOf([[PLAIN, Buffer.from('abc')]]).subarray(0, 515)
  expect(decode(archive, 100).data.toString()).toBe('abc')
})
