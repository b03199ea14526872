import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { withoutDevices } from './check.ts'
import { isTarArchive } from './compression.ts'
import { encodeHeader, endOfArchive, padding } from './encode.ts'
import { plainEntry, type TarEntry } from './entry.ts'
import { extractTar } from './extract.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { folderSink } from './testing/folder-sink.ts'

type Draft = Pick<TarEntry, 'name'> & Partial<TarEntry> & { readonly content?: string }

function archiveOf(...drafts: readonly Draft[]): Buffer {
  const parts = drafts.flatMap(({ content = '', ...draft }) => {
    const data = Buffer.from(content)
    return [
      encodeHeader(plainEntry({ type: 'file', size: data.length, ...draft })),
      data,
      padding(data.length),
    ]
  })
  return Buffer.concat([...parts, endOfArchive()])
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-tar-'))
  mkdirSync(join(folder, 'out'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const unpack = (archive: Buffer): Promise<void> =>
  extractTar(Readable.from([archive]), folderSink(join(folder, 'out')))
const text = (name: string): string => readFileSync(join(folder, 'out', name), 'utf8')
const refused = (code: string): object => expect.objectContaining({ code })

/** The entries that a sink is given. */
async function entriesOf(archive: Buffer): Promise<readonly TarEntry[]> {
  const entries: TarEntry[] = []
  await extractTar(Readable.from([archive]), {
    entry: entry => entries.push(entry),
    data: () => undefined,
    folderTime: () => undefined,
    ready: async () => undefined,
  })
  return entries
}

/** A header with its checksum made right again after a change. */
function spoiled(draft: Draft, change: (header: Buffer) => void): Buffer {
  const archive = archiveOf(draft)
  change(archive)
  archive.write('        ', 148, 'latin1')
  const sum = archive.subarray(0, 512).reduce((total, byte) => total + byte, 0)
  archive.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return archive
}

describe('an archive', () => {
  it('becomes files, links and folders with their modes and times', async () => {
    await unpack(
      archiveOf(
        { name: 'd/', type: 'folder', mode: 0o750, mtime: 1_500_000_000 },
        { name: 'd/f', content: 'text', mode: 0o640 },
        { name: '/deep/er/g', content: 'g' },
        { name: 'd/l', type: 'symlink', linkName: '/etc/passwd' },
        { name: './d/h', type: 'link', linkName: './d/f' },
      ),
    )
    expect(statSync(join(folder, 'out/d'))).toMatchObject({ mtimeMs: 1_500_000_000_000 })
    expect(statSync(join(folder, 'out/d')).mode & 0o777).toBe(0o750)
    expect([text('d/f'), text('d/h'), text('deep/er/g')]).toEqual(['text', 'text', 'g'])
    expect(readlinkSync(join(folder, 'out/d/l'))).toBe('/etc/passwd')
  })

  it.each(['gzip', 'bzip2', 'xz', 'zstd'])('may be packed by %s', async program => {
    const archive = archiveOf({ name: 'f', content: 'x'.repeat(100_000) })
    if (!hasProgram(program)) return
    const packed = execFileSync(program, ['-c'], { input: archive })
    await unpack(packed)
    expect(text('f')).toHaveLength(100_000)
    await expect(unpack(packed.subarray(0, packed.length - 20))).rejects.toThrow(refused('TAR_MALFORMED'))
  })

  it('packed by zstd in many frames is unpacked with the program and without it', async () => {
    if (!hasProgram('zstd')) return
    const frame = (data: Buffer, ...args: string[]): Buffer =>
      execFileSync('zstd', ['-c', ...args], { input: data })
    const archive = archiveOf({ name: 'f', content: 'text '.repeat(100_000) })
    // As zstd:chunked has it: members of their own, and frames that unpackers skip.
    const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4])
    const frames = [0, 1, 2].map(at =>
      frame(archive.subarray(at * 100_000, at === 2 ? undefined : (at + 1) * 100_000)),
    )
    const packed = Buffer.concat(frames.flatMap(each => [each, skipped]))
    const large = frame(archive, '--long=28')
    for (const path of [process.env['PATH'] ?? '', folder]) {
      vi.stubEnv('PATH', path)
      await unpack(packed)
      expect(text('f')).toHaveLength(500_000)
      const damaged = [packed.subarray(0, -20), Buffer.concat([packed, Buffer.from('more of it')]), large]
      for (const each of damaged) await expect(unpack(each)).rejects.toThrow(refused('TAR_MALFORMED'))
    }
    await expect(unpack(Buffer.from('BZh9 and so on'))).rejects.toThrow(refused('TOOL_MISSING'))
  })

  it('of GNU tar is read, with long names, large ids and names that are not UTF-8', async () => {
    const deep = `${'long/'.repeat(60)}name`
    mkdirSync(join(folder, 'in', deep, '..'), { recursive: true })
    writeFileSync(join(folder, 'in', deep), 'deep')
    writeFileSync(Buffer.concat([Buffer.from(join(folder, 'in/')), Buffer.from([0x61, 0xe9])]), 'latin')
    for (const format of ['gnu', 'pax', 'ustar', 'oldgnu']) {
      const args = ['-C', join(folder, 'in'), `--format=${format}`, '-c', '.']
      const ids = format === 'ustar' ? [] : ['--owner=:4000000000', '--mtime=@1500000000.25']
      const entries = await entriesOf(
        execFileSync('tar', [...ids, ...(format === 'ustar' ? ['--exclude=long'] : []), ...args]),
      )
      const names = entries.map(entry => entry.name)
      expect(names).toContain('a\xe9')
      if (format !== 'ustar') {
        expect(names).toContain(deep)
        expect(entries[0]).toMatchObject({ uid: 4_000_000_000, mtime: 1_500_000_000 })
      }
    }
  })

  it('loses what would mean something to the host: attributes of overlays, devices where they are not wanted', async () => {
    const xattrs = new Map([
      ['trusted.overlay.opaque', 'y'],
      ['security.selinux', 'x'],
      ['security.capability', 'c'],
      ['user.a', 'u'],
    ])
    const [entry] = await entriesOf(archiveOf({ name: 'f', xattrs }))
    expect([...(entry?.xattrs.keys() ?? [])]).toEqual(['security.capability', 'user.a'])
    expect(withoutDevices(plainEntry({ type: 'char', name: 'null' }))).toBeUndefined()
  })
})

describe('what is refused', () => {
  it.each([
    ['a name that climbs out', { name: 'a/../../b' }],
    ['a hard link that climbs out', { name: 'h', type: 'link', linkName: '../x' } as const],
  ])('%s', async (_, draft) => {
    await expect(unpack(archiveOf(draft))).rejects.toThrow(refused('TAR_INVALID'))
    expect(readdirSync(join(folder, 'out'))).toEqual([])
  })

  it('a wrong checksum, numbers that are none, lengths that lie', async () => {
    const wrong = archiveOf({ name: 'f' })
    wrong[0] = 0x67
    const pax = archiveOf({ name: 'n'.repeat(200) })
    const lying = Buffer.from(pax)
    lying.write('999', 512, 'latin1')
    const size = (write: (header: Buffer) => void): Buffer => spoiled({ name: 'f' }, write)
    const archives = [
      wrong,
      lying,
      size(header => header.write('9x', 124)),
      // 2^60 and a negative number in base 256.
      size(header => Buffer.from('800000001000000000000000', 'hex').copy(header, 124)),
      size(header => Buffer.from('ffffffffffffffffffffffff', 'hex').copy(header, 124)),
      size(header => Buffer.from('80000000ffffffff', 'hex').copy(header, 108)),
      archiveOf({ name: 'f', content: 'abc' }).subarray(0, 514),
      Buffer.from('no archive at all'),
      archiveOf({ name: 's', type: 'symlink', linkName: '' }),
      archiveOf({ name: 'n'.repeat(5000) }),
    ]
    for (const archive of archives) await expect(unpack(archive)).rejects.toThrow(refused('TAR_MALFORMED'))
  })

  it('sparse files, by name of what is not supported', async () => {
    writeFileSync(join(folder, 'sparse'), '')
    execFileSync('truncate', ['-s', '10M', join(folder, 'sparse')])
    for (const format of ['gnu', 'pax']) {
      const archive = execFileSync('tar', ['-C', folder, '--sparse', `--format=${format}`, '-c', 'sparse'])
      await expect(unpack(archive)).rejects.toThrow(refused('TAR_UNSUPPORTED'))
    }
  })

  it('more bytes, entries or a larger ratio than allowed', async () => {
    const sink = folderSink(join(folder, 'out'))
    const many = archiveOf(...Array.from({ length: 20 }, (_, index) => ({ name: `f${index}`, content: 'x' })))
    const bomb = gzipSync(archiveOf({ name: 'f', content: '\0'.repeat(4_000_000) }))
    const cases = [
      [many, { entries: 19 }],
      [many, { bytes: 19 }],
      [bomb, { ratio: 100, ratioFrom: 1_000_000 }],
    ] as const
    for (const [archive, limits] of cases) {
      const unpacking = extractTar(Readable.from([archive]), sink, {
        limits: { ...DEFAULT_LIMITS, ...limits },
      })
      await expect(unpacking).rejects.toThrow(refused('TAR_TOO_LARGE'))
    }
  })
})

describe('the source', () => {
  it('flows on when the archive is refused, so that its sender hears of it', async () => {
    const source = new PassThrough()
    const unpacking = extractTar(source, folderSink(join(folder, 'out')))
    source.write(Buffer.alloc(1024, 1))
    await expect(unpacking).rejects.toThrow(refused('TAR_MALFORMED'))
    for (let sent = 0; sent < 100; sent++) {
      if (!source.write(Buffer.alloc(64 * 1024))) await new Promise(resolve => source.once('drain', resolve))
    }
    expect(source.destroyed).toBe(false)
    expect(source.listenerCount('close')).toBeLessThan(5)
  })

  it('ends the work when the signal says so', async () => {
    const abort = new AbortController()
    const unpacking = extractTar(new PassThrough(), folderSink(folder), { signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(unpacking).rejects.toThrow('enough')
  })
})

it('a tar is told from what is only packed like one, or named like one', async () => {
  const archive = archiveOf({ name: 'f' })
  const is = (bytes: Buffer): Promise<boolean> => isTarArchive(Readable.from([bytes]))
  expect(await is(archive)).toBe(true)
  expect(await is(gzipSync(archive))).toBe(true)
  for (const bytes of [
    gzipSync('not a tar'),
    gzipSync(''),
    Buffer.from('BZh'),
    Buffer.alloc(0),
    Buffer.alloc(2048),
  ])
    expect(await is(bytes)).toBe(false)
})

function hasProgram(name: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`])
    return true
  } catch {
    return false
  }
}
