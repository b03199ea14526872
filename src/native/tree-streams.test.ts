import { mkdtempSync, rmSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex, PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { ENTRY_LARGE_FILE, ENTRY_TOLD } from './entry-wire.ts'
import { type PackItem, PackReader } from './pack-reader.ts'
import { LARGE_FILE, type UnpackEntry, UnpackStream } from './unpack-stream.ts'

const ENTRY: UnpackEntry = {
  type: 'file',
  name: 'a',
  linkName: '',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0,
  nanoseconds: 0,
  devMajor: 0,
  devMinor: 0,
  xattrs: new Map(),
}
const forever = new Promise<never>(() => undefined)

it('entries are read as they were written, however the bytes come', async () => {
  const bytes = fc.string({ unit: fc.integer({ min: 1, max: 255 }).map(code => String.fromCharCode(code)) })
  const entry = fc.record({
    type: fc.constantFrom('file', 'folder', 'symlink', 'link', 'char', 'block', 'fifo'),
    name: bytes,
    linkName: bytes,
    mode: fc.nat(0o7777),
    uid: fc.nat(0xfffffffe),
    gid: fc.nat(0xfffffffe),
    mtime: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
    nanoseconds: fc.nat(999_999_999),
    devMajor: fc.nat(4095),
    devMinor: fc.nat(1_048_575),
    xattrs: fc.dictionary(fc.constantFrom('user.a', 'security.capability'), bytes, { noNullPrototype: true }),
    content: fc.uint8Array({ maxLength: 40_000 }),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { maxLength: 5 }),
      fc.integer({ min: 1, max: 5000 }),
      async (drafts, piece) => {
        const out = new PassThrough({ highWaterMark: 10_000_000 })
        const stream = new UnpackStream(out, out, forever)
        const wanted: PackItem[] = []
        for (const { content, xattrs, ...draft } of drafts) {
          const data = draft.type === 'file' ? Buffer.from(content) : Buffer.alloc(0)
          const one = { ...draft, size: data.length, xattrs: new Map(Object.entries(xattrs)) }
          stream.entry(one)
          stream.data(data)
          wanted.push(one, ...(data.length > 0 ? [data] : []))
        }
        stream.end()
        out.end()
        const all = await buffer(out)
        const reader = new PackReader()
        const items: PackItem[] = []
        for (let at = 0; at < all.length; at += piece) {
          for (const item of reader.push(all.subarray(at, at + piece))) {
            const last = items.at(-1)
            // Content comes in pieces.
            if (Buffer.isBuffer(item) && Buffer.isBuffer(last))
              items.push(Buffer.concat([items.pop() as Buffer, item]))
            else items.push(item)
          }
        }
        expect(items).toEqual(wanted)
        expect(reader.isWhole).toBe(true)
      },
    ),
    { numRuns: 50 },
  )
})

it('a frame longer than any is refused', () => {
  const frame = Buffer.alloc(16)
  frame.writeUInt32LE(1, 0)
  frame.writeUInt32LE(0xffffffff, 4)
  expect(() => new PackReader().push(frame)).toThrow(
    expect.objectContaining({ code: 'NATIVE_FRAME_INVALID' }),
  )
})

it('content that is not the size that was announced is refused', () => {
  const stream = new UnpackStream(new PassThrough(), new PassThrough(), forever)
  stream.entry({ ...ENTRY, size: 2 })
  expect(() => stream.entry(ENTRY)).toThrow(expect.objectContaining({ code: 'NATIVE_PROGRAM_INVALID' }))
  expect(() => stream.data(Buffer.alloc(3))).toThrow(
    expect.objectContaining({ code: 'NATIVE_PROGRAM_INVALID' }),
  )
})

it('a writer waits while there is no room, and hears why there will be none', async () => {
  const full = new Duplex({ writableHighWaterMark: 1, write: () => undefined, read: () => undefined })
  let fail: (error: Error) => void = () => undefined
  const ended = new Promise<never>((_, reject) => {
    fail = reject
  })
  const stream = new UnpackStream(full, full, ended)
  stream.entry(ENTRY)
  const waiting = stream.ready()
  fail(new Error('disk full'))
  await expect(waiting).rejects.toThrow('disk full')
  await expect(stream.ready()).rejects.toThrow('disk full')
})

it('a large file is written to the file itself, and to none that took its place', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tscompose-large-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = await open(join(folder, 'f'), 'w')
  const content = Buffer.alloc(LARGE_FILE, 'x')
  const told = async (inode: bigint): Promise<Buffer> => {
    const bytes = Buffer.alloc(ENTRY_TOLD)
    const { dev, ino } = await file.stat({ bigint: true })
    bytes.writeUInt32LE(process.pid, 0)
    bytes.writeUInt32LE(file.fd, 4)
    bytes.writeBigUInt64LE(dev, 8)
    bytes.writeBigUInt64LE(ino + inode, 16)
    return bytes
  }
  const send = async (inode: bigint): Promise<Buffer> => {
    const sent: Buffer[] = []
    const write = (chunk: Buffer, _encoding: unknown, done: () => void): void => {
      sent.push(chunk)
      done()
    }
    const out = new Duplex({ write, read: () => undefined })
    const stream = new UnpackStream(out, out, forever)
    stream.entry({ ...ENTRY, size: content.length })
    out.push(await told(inode))
    stream.data(content)
    // What comes behind it waits until it is whole.
    stream.entry({ ...ENTRY, name: 'behind' })
    expect(Buffer.concat(sent).includes('behind')).toBe(false)
    await stream.ready()
    return Buffer.concat(sent)
  }
  const sent = await send(0n)
  expect(sent.readUInt32LE(0)).toBe(ENTRY_LARGE_FILE)
  expect(sent.includes('behind')).toBe(true)
  expect(sent.length).toBeLessThan(300)
  expect((await readFile(`/proc/self/fd/${file.fd}`)).equals(content)).toBe(true)
  await file.truncate()
  await expect(send(1n)).rejects.toThrow(expect.objectContaining({ code: 'NATIVE_DIED' }))
  expect((await file.stat()).size).toBe(0)
  await file.close()
})
