// Whatever an archive holds, the native program touches nothing outside of the root that it unpacks to.
import { execFileSync } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Failure } from '../../../src/diagnostics/index.ts'
import { createNative, type UnpackOp } from '../../../src/native/index.ts'
import { extractTar, type PackedEntry, packTar, plainEntry, type TarEntry } from '../../../src/tar/index.ts'
import { SANITIZED } from './native-lab.ts'

type Draft = Pick<TarEntry, 'name'> & Partial<TarEntry> & { readonly content?: string }

const native = createNative()
const SECRET = 'what only root may read'
let folder: string
let root: string
let outside: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-unpack-'))
  root = join(folder, 'root')
  outside = join(folder, 'outside')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeEach(reset)

function reset(): void {
  rmSync(root, { recursive: true, force: true })
  rmSync(outside, { recursive: true, force: true })
  mkdirSync(join(root, 'in'), { recursive: true })
  mkdirSync(join(outside, 'sub'), { recursive: true })
  writeFileSync(join(outside, 'secret'), SECRET, { mode: 0o600 })
  writeFileSync(join(outside, 'sub/victim'), 'do not touch')
}

function tarOf(drafts: readonly Draft[]): Readable {
  const entries = drafts.map(({ content = '', ...draft }): PackedEntry => {
    const bytes = Buffer.from(content)
    return { entry: plainEntry({ type: 'file', size: bytes.length, ...draft }), content: bytes }
  })
  return packTar(entries)
}

function unpack(drafts: readonly Draft[], options: Partial<UnpackOp> = {}): Promise<void> {
  const open = { op: 'open', slot: 0, path: root, kind: 'folder' } as const
  const op = { op: 'unpack', slot: 0, path: '/in', ...options } as const
  return native.unpack({ outside: [open, op] }, sink => extractTar(tarOf(drafts), sink))
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return ''
  }
}

/** Every object outside: kind, mode, owner, size, links, time of change, content. */
function snapshot(path = outside): unknown {
  const { mode, uid, gid, nlink, ctimeMs, ino } = lstatSync(path)
  const stats = { mode, uid, gid, nlink, ctimeMs, ino }
  const isFolder = lstatSync(path).isDirectory()
  return isFolder
    ? { ...stats, content: readdirSync(path).map(name => [name, snapshot(join(path, name))]) }
    : { ...stats, content: readFileSync(path, 'utf8') }
}

const at = (name: string): string => join(root, 'in', name)

describe('archives that mean harm', () => {
  const attacks: Readonly<Record<string, () => readonly Draft[]>> = {
    'a hard link to a symbolic link, and files through it': () => [
      { name: 'a', type: 'symlink', linkName: outside },
      { name: 'b', type: 'link', linkName: 'a' },
      { name: 'b/pwned', content: 'x' },
      { name: 'b/sub/victim', content: 'x' },
      { name: 'b/sub', type: 'symlink', linkName: '/' },
      { name: 'c', type: 'link', linkName: 'b/secret' },
    ],
    'a symbolic link that climbs, then a folder with other modes in its place and through it': () => [
      { name: 'a', type: 'symlink', linkName: '../../outside' },
      { name: 'a/sub/', type: 'folder', mode: 0o777, uid: 7 },
      { name: 'a/', type: 'folder', mode: 0o777 },
      { name: 'a/sub/victim', content: 'x' },
    ],
    'a folder that becomes a link after files went into it': () => [
      { name: 'a/f', content: 'x' },
      { name: 'a', type: 'symlink', linkName: outside },
      { name: 'a/sub/victim', content: 'x' },
      { name: 'a/pwned', content: 'x' },
    ],
    'links in a circle, through themselves and through /proc': () => [
      { name: 'a', type: 'symlink', linkName: 'b' },
      { name: 'b', type: 'symlink', linkName: 'a' },
      { name: 'a/x', content: 'x' },
      { name: 'p', type: 'symlink', linkName: `/proc/self/root${outside}` },
      { name: 'p/pwned', content: 'x' },
    ],
    'a link in the place of the folder that is unpacked to': () => [
      { name: '../in', type: 'symlink', linkName: outside },
      { name: 'pwned', content: 'x' },
    ],
  }

  it.each(Object.keys(attacks))('%s', async name => {
    const before = snapshot()
    for (const keepKinds of [false, true]) {
      await unpack(attacks[name]?.() ?? [], { keepKinds }).catch((error: unknown) => {
        expect(error).toBeInstanceOf(Failure)
      })
    }
    expect(snapshot()).toEqual(before)
    expect(execFileSync('grep', ['-rlF', SECRET, folder], { encoding: 'utf8' }).trim()).toBe(
      join(outside, 'secret'),
    )
  })

  it('in any order of any entries', async () => {
    const part = fc.constantFrom('a', 'b', 'c')
    const path = fc.array(part, { minLength: 1, maxLength: 3 }).map(parts => parts.join('/'))
    const name = fc.oneof(
      { weight: 8, arbitrary: path },
      { weight: 1, arbitrary: path.map(each => `../${each}`) },
      { weight: 1, arbitrary: path.map(each => `a/../${each}/`) },
    )
    const target = fc.oneof(
      path,
      path.map(each => `/in/${each}`),
      fc.constantFrom(
        '.',
        '..',
        '/',
        '../../outside',
        '../../../../outside',
        '/proc/self/cwd',
        '/proc/1/root',
      ),
      fc.constantFrom('', '/sub', '/secret').map(each => `${outside}${each}`),
      fc.constantFrom('a/secret', 'b/secret', 'a/sub/victim', 'c/sub'),
    )
    const entry: fc.Arbitrary<Draft> = fc.record({
      type: fc.constantFrom('file', 'folder', 'symlink', 'symlink', 'link', 'fifo'),
      name: fc.oneof(name, fc.constantFrom('a/secret', 'b/sub/victim', 'c/sub', 'a/pwned')),
      linkName: target,
      mode: fc.constantFrom(0o777, 0o4755, 0),
      uid: fc.constantFrom(0, 12345),
    })
    const before = snapshot()
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { minLength: 2, maxLength: 10 }),
        fc.boolean(),
        async (entries, keepKinds) => {
          rmSync(root, { recursive: true, force: true })
          mkdirSync(join(root, 'in'), { recursive: true })
          const drafts = entries.map(each => (each.type === 'file' ? { ...each, content: 'pwned' } : each))
          await unpack(drafts, { keepKinds }).catch((error: unknown) => {
            expect(error).toBeInstanceOf(Failure)
            expect((error as Failure).code).not.toBe('NATIVE_DIED')
          })
          // A further name of the secret would show in its number of links.
          expect(snapshot()).toEqual(before)
          expect(readdirSync(folder).sort()).toEqual(['outside', 'root'])
          return true
        },
      ),
      { numRuns: SANITIZED ? 40 : 400 },
    )
  })
})

describe('what lies in the way', () => {
  it('is replaced, a folder with all in it, and never through a link', async () => {
    mkdirSync(at('folder/deep'), { recursive: true })
    writeFileSync(at('folder/deep/f'), '')
    symlinkSync(outside, at('folder/deep/l'))
    symlinkSync(outside, at('link'))
    const before = snapshot()
    await unpack([
      { name: 'folder', content: 'now a file' },
      { name: 'link/', type: 'folder' },
      { name: 'link/f', content: 'x' },
    ])
    expect(readFileSync(at('folder'), 'utf8')).toBe('now a file')
    expect(lstatSync(at('link')).isDirectory()).toBe(true)
    expect(snapshot()).toEqual(before)
  })

  it('is not gone through any more, even where an entry replaces its own parent', async () => {
    const drafts: readonly Draft[] = [
      { name: 'x', type: 'symlink', linkName: '.' },
      { name: 'x/a', content: 'x' },
      { name: 'x/x', content: 'x' },
    ]
    await unpack(drafts)
    expect(lstatSync(at('x')).isFile()).toBe(true)
    await expect(unpack([...drafts, { name: 'x/b', content: 'x' }])).rejects.toMatchObject({
      code: 'TAR_INVALID',
    })
  })

  it('stays when kinds are to be kept', async () => {
    mkdirSync(at('folder'))
    writeFileSync(at('file'), '')
    const wrong = async (draft: Draft): Promise<unknown> =>
      await unpack([draft], { keepKinds: true }).catch((error: Failure) => error.cause)
    expect(await wrong({ name: 'folder', content: 'x' })).toMatchObject({ errno: 'EISDIR', detail: 'folder' })
    expect(await wrong({ name: 'file/', type: 'folder' })).toMatchObject({ errno: 'ENOTDIR', detail: 'file' })
  })

  it('may be a tree deeper than any path', async () => {
    const deep = 'd'.repeat(200)
    execFileSync(
      'sh',
      ['-c', `for i in $(seq 300); do mkdir ${deep} && cd -P ${deep} || exit 1; done; touch f`],
      { cwd: at('') },
    )
    await unpack([{ name: deep, content: 'flat' }])
    expect(readFileSync(at(deep), 'utf8')).toBe('flat')
  })
})

describe('entries', () => {
  it('keep owners, modes, times and attributes; links of the root lead within it', async () => {
    mkdirSync(join(root, 'real'))
    symlinkSync('/real', at('linked'))
    await unpack([
      { name: 'd/', type: 'folder', mode: 0o2750, uid: 5, gid: 6, mtime: 1_000_000_000 },
      { name: 'd/f', content: 'x'.repeat(300_000), mode: 0o4755, uid: 7, gid: 8, mtime: 1_000_000_001 },
      { name: 'd/x', content: 'x', xattrs: new Map([['user.note', 'value']]) },
      { name: 'd/p', type: 'fifo', mode: 0o640, uid: 9 },
      { name: 'd/l', type: 'symlink', linkName: 'nowhere', uid: 10, mtime: 1_000_000_002 },
      { name: 'd/h', type: 'link', linkName: 'd/f', mode: 0o4755, uid: 7, gid: 8, mtime: 1_000_000_001 },
      { name: 'linked/new', content: 'within' },
    ])
    const of = (name: string): object => {
      const { mode, uid, gid, mtimeMs } = lstatSync(at(name))
      return { mode: mode & 0o7777, uid, gid, mtime: mtimeMs / 1000 }
    }
    expect(of('d')).toEqual({ mode: 0o2750, uid: 5, gid: 6, mtime: 1_000_000_000 })
    expect(of('d/f')).toEqual({ mode: 0o4755, uid: 7, gid: 8, mtime: 1_000_000_001 })
    expect(of('d/p')).toMatchObject({ mode: 0o640, uid: 9 })
    expect(of('d/l')).toMatchObject({ uid: 10, mtime: 1_000_000_002 })
    expect(lstatSync(at('d/h')).ino).toBe(lstatSync(at('d/f')).ino)
    expect(readlinkSync(at('d/l'))).toBe('nowhere')
    expect(readFileSync(join(root, 'real/new'), 'utf8')).toBe('within')
    const { outputs } = await native.run({
      outside: [
        { op: 'open', slot: 0, path: root, kind: 'folder' },
        { op: 'getXattr', slot: 0, path: '/in/d/x', name: 'user.note' },
      ],
    })
    expect(outputs.map(String)).toEqual(['value'])
  })

  it('of any size have their content, owners and attributes, and those behind them too', async () => {
    // The second of two large ones comes in the same piece as the end of the first.
    const large = 'large '.repeat(1_000_000)
    const xattrs = new Map([['user.note', 'value']])
    await unpack([
      { name: 'one', content: large, mode: 0o4755, uid: 7, gid: 8, mtime: 1_000_000_001, xattrs },
      { name: 'two', content: large.toUpperCase() },
      { name: 'd/', type: 'folder', mtime: 1_000_000_000 },
      { name: 'd/three', content: 'small' },
      { name: 'one', content: large.slice(6), mode: 0o4755, uid: 7, gid: 8, mtime: 1_000_000_001, xattrs },
    ])
    expect(readFileSync(at('one'), 'utf8') === large.slice(6)).toBe(true)
    expect(readFileSync(at('two'), 'utf8') === large.toUpperCase()).toBe(true)
    expect(readFileSync(at('d/three'), 'utf8')).toBe('small')
    const { mode, uid, gid, mtimeMs } = lstatSync(at('one'))
    expect([mode & 0o7777, uid, gid, mtimeMs]).toEqual([0o4755, 7, 8, 1_000_000_001_000])
    const { outputs } = await native.run({
      outside: [
        { op: 'open', slot: 0, path: root, kind: 'folder' },
        { op: 'getXattr', slot: 0, path: '/in/one', name: 'user.note' },
      ],
    })
    expect(outputs.map(String)).toEqual(['value'])
  })

  it('that do not fit on the disk are a failure which names them', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', join(root, 'in')])
    try {
      const filling = unpack([
        { name: 'whole', content: 'x' },
        { name: Buffer.from('großes').toString('latin1'), content: 'large '.repeat(2_000_000) },
      ])
      await expect(filling).rejects.toThrow(
        expect.objectContaining({
          code: 'DISK_FULL',
          cause: expect.objectContaining({ errno: 'ENOSPC', detail: 'großes' }),
        }),
      )
      expect(readFileSync(at('whole'), 'utf8')).toBe('x')
    } finally {
      execFileSync('umount', [join(root, 'in')])
    }
  })

  it('with one owner and mode for all', async () => {
    await unpack(
      [
        { name: 'd/', type: 'folder' },
        { name: 'd/f', uid: 3, content: 'x' },
      ],
      { uid: 1, gid: 2, mode: 0o700 },
    )
    for (const name of ['d', 'd/f']) expect(lstatSync(at(name))).toMatchObject({ uid: 1, gid: 2 })
    expect(lstatSync(at('d/f')).mode & 0o7777).toBe(0o700)
  })

  it('whose archive breaks off are a failure', async () => {
    const open = { op: 'open', slot: 0, path: root, kind: 'folder' } as const
    const program = { outside: [open, { op: 'unpack', slot: 0, path: '/in' } as const] }
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.concat(await tarOf([{ name: 'whole', content: 'x' }]).toArray()).subarray(0, 1024)
      throw new Error('connection lost')
    }
    const source = Readable.from(broken(), { objectMode: false })
    await expect(native.unpack(program, sink => extractTar(source, sink))).rejects.toThrow('connection lost')
    await expect(
      native.unpack(program, async sink => sink.entry(plainEntry({ type: 'file', name: 'f', size: 9 }))),
    ).rejects.toThrow(Failure)
    const large = plainEntry({ type: 'file', name: 'l', size: 9_000_000 })
    await expect(native.unpack(program, async sink => sink.entry(large))).rejects.toThrow(Failure)
    const owing = native.unpack(program, async sink => {
      sink.entry(large)
      sink.data(Buffer.alloc(5_000_000))
      await sink.ready()
      throw new Error('connection lost')
    })
    await expect(owing).rejects.toThrow('connection lost')
    const held = (): string[] => readdirSync('/proc/self/fd').map(linkOf)
    await vi.waitFor(() => expect(held()).not.toContain(at('l')), { timeout: 60_000 })
  })
})
