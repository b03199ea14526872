import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, expect } from 'vitest'
import { nativeTrees } from '../../../src/image/index.ts'
import { applyLayer } from '../../../src/image/layer/apply.ts'
import { recipeTar } from '../../../src/image/layer/layer-tar.ts'
import { canonicalTar, type LayerMeasure, measureLayer } from '../../../src/image/layer/measure.ts'
import { createNative } from '../../../src/native/index.ts'
import { program, requires, root } from '../../requires.ts'
import { layerOf } from '../harness/registry/publish.ts'

let folder: string
let beside: string
beforeEach(() => {
  beside = mkdtempSync(join(tmpdir(), 'tscompose-layer-'))
  folder = join(beside, 'upper')
  mkdirSync(folder)
})
afterEach(() => rmSync(beside, { recursive: true }))

const apply = (bytes: Buffer): Promise<LayerMeasure> =>
  applyLayer(nativeTrees(createNative()), Readable.from([bytes]), { upper: folder, folder: beside })

/** Extended attributes of everything below the folder, by `path name`. */
function attributes(): Record<string, string> {
  const lines = [
    'import os, sys, json',
    'found = {}',
    'for top, folders, files in os.walk(sys.argv[1]):',
    '  for name in folders + files:',
    '    path = os.path.join(top, name)',
    '    for key in os.listxattr(path, follow_symlinks=False):',
    '      found[os.path.relpath(path, sys.argv[1]) + " " + key] = os.getxattr(path, key, follow_symlinks=False).decode()',
    'print(json.dumps(found))',
  ]
  return JSON.parse(execFileSync('python3', ['-c', lines.join('\n'), folder], { encoding: 'utf8' })) as never
}

const gate = requires(root, program('python3'))

gate.test(
  'a layer becomes a lower folder: files, owners, modes, whiteouts, and the top itself',
  {},
  async () => {
    const tar = layerOf(
      { type: 'folder', name: './', mode: 0o711, uid: 3 },
      { type: 'folder', name: 'bin/', mode: 0o2755, gid: 7 },
      { name: 'bin/su', mode: 0o4755, content: 'su', mtime: 77 },
      { type: 'link', name: 'bin/sudo', linkName: 'bin/su', mode: 0o4755, mtime: 77 },
      { type: 'symlink', name: 'lib', linkName: '/usr/lib' },
      { name: 'etc/.wh.passwd' },
    )
    const measure = await apply(gzipSync(tar))
    expect(measure).toEqual({
      diffId: `sha256:${createHash('sha256').update(tar).digest('hex')}`,
      size: 'su'.length + '/usr/lib'.length,
      tarSize: tar.length,
      entries: 5,
      opaque: [],
    })
    expect(statSync(folder)).toMatchObject({ mode: 0o40711, uid: 3 })
    expect(statSync(join(folder, 'bin'))).toMatchObject({ mode: 0o42755, gid: 7 })
    expect(statSync(join(folder, 'bin/su'))).toMatchObject({ mode: 0o104755, nlink: 2, mtimeMs: 77_000 })
    expect(readlinkSync(join(folder, 'lib'))).toBe('/usr/lib')
    const whiteout = lstatSync(join(folder, 'etc/passwd'))
    expect([whiteout.isCharacterDevice(), whiteout.rdev]).toEqual([true, 0])
  },
)

gate.test('an opaque folder has the attribute that overlayfs reads', {}, async () => {
  const { opaque } = await apply(layerOf({ type: 'folder', name: 'srv/' }, { name: 'srv/.wh..wh..opq' }))
  expect([opaque, attributes()]).toEqual([['srv'], { 'srv trusted.overlay.opaque': 'y' }])
  expect(readdirSync(join(folder, 'srv'))).toEqual([])
})

gate.test('a whiteout behind what its own layer has made hides the lower layers alone', {}, async () => {
  const tar = layerOf(
    { type: 'folder', name: 'o/', mode: 0o750, uid: 3 },
    { name: 'o/d', content: 'd' },
    { name: '.wh.o' },
    { name: 'f', content: 'f' },
    { name: '.wh.f' },
  )
  const { opaque } = await apply(tar)
  expect([opaque, attributes()]).toEqual([['o'], { 'o trusted.overlay.opaque': 'y' }])
  expect(statSync(join(folder, 'o'))).toMatchObject({ mode: 0o40750, uid: 3 })
  expect(['o/d', 'f'].map(name => statSync(join(folder, name)).isFile())).toEqual([true, true])
  expect((await again()).equals(tar)).toBe(true)
})

gate.test('what a layer says of overlayfs itself is not believed', {}, async () => {
  const xattrs = new Map([['trusted.overlay.redirect', '/etc']])
  await apply(layerOf({ type: 'folder', name: 'a/', xattrs }, { name: 'a/b', content: 'x', xattrs }))
  expect(attributes()).toEqual({})
})

/** The tar that is made again of what was unpacked. */
async function again(): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of recipeTar(beside, folder)) pieces.push(piece)
  return Buffer.concat(pieces)
}

const LONG = `${'deep/'.repeat(30)}file`
const tars: Readonly<Record<string, () => Buffer>> = {
  'files, links and long names': () =>
    layerOf(
      { type: 'folder', name: './' },
      { name: 'a', content: 'aaa' },
      { name: 'empty' },
      { type: 'link', name: 'b', linkName: 'a' },
      { name: LONG, content: Buffer.alloc(300_001, 7) },
      { type: 'symlink', name: 'c', linkName: '/etc/passwd' },
      { name: 'caf\xe9\nx', content: 'not UTF-8' },
    ),
  'bytes behind the end': () => Buffer.concat([layerOf({ name: 'a', content: 'a' }), Buffer.alloc(9000, 3)]),
  'no end at all': () => layerOf({ name: 'a', content: 'a' }).subarray(0, 1024),
  'one name three times': () =>
    layerOf({ name: 'a', content: '1' }, { name: './a', content: '22' }, { name: '/x/../a', content: '333' }),
  'a file whose folder becomes a file': () =>
    layerOf({ name: 'd/e/f', content: '1' }, { name: 'd/g', content: '2' }, { name: 'd', content: '3' }),
  'a file that becomes a folder, a whiteout, a link': () =>
    layerOf(
      ...['x', 'y', 'z'].map(name => ({ name, content: name })),
      { type: 'folder', name: 'x' },
      { name: '.wh.y' },
      { type: 'symlink', name: 'z', linkName: 'x' },
    ),
  'a file that is written through a link, and then by its own name': () =>
    layerOf(
      { type: 'folder', name: 'real' },
      { type: 'symlink', name: 'way', linkName: '/real' },
      { type: 'link', name: 'way2', linkName: 'way' },
      { name: 'way/f', content: '1' },
      { name: 'real/f', content: '2' },
      { name: 'way2/f', content: '3' },
    ),
  'a file behind a link that leads elsewhere later': () =>
    layerOf(
      { type: 'folder', name: 'one' },
      { type: 'folder', name: 'two' },
      { type: 'symlink', name: 'way', linkName: 'one' },
      { name: 'way/f', content: '1' },
      { type: 'symlink', name: 'way', linkName: '../two' },
      { name: 'way/f', content: '2' },
    ),
  'a name that is lost while another of the file stays': () =>
    layerOf(
      { name: 'a', content: '1' },
      { type: 'link', name: 'b', linkName: 'a' },
      { name: 'a', content: '2' },
    ),
  'content of what becomes no file': () =>
    layerOf({ name: 'd/.wh.gone', content: 'why?' }, { name: 'd/.wh..wh.plnk', content: 'x' }),
}

for (const [what, make] of Object.entries(tars)) {
  gate.test(`the exact tar is made again: ${what}`, {}, async () => {
    const tar = make()
    await apply(gzipSync(tar))
    expect((await again()).equals(tar)).toBe(true)
    expect(readdirSync(folder).filter(name => name.startsWith('.kept'))).toEqual([])
  })
}

gate.test('the tar of any row of entries is made again', {}, async () => {
  const name = fc.constantFrom('a', 'b', 'a/b', 'a/c', 'b/a/c', 'c', '.wh.a', 'a/.wh..wh..opq')
  const entry = fc.record({
    type: fc.constantFrom(
      'file' as const,
      'file' as const,
      'folder' as const,
      'symlink' as const,
      'link' as const,
    ),
    name,
    linkName: fc.constantFrom('a', '/b', 'a/b', 'c'),
    content: fc.string({ maxLength: 3 }),
  })
  let made = 0
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 9 }), async drafts => {
      rmSync(beside, { recursive: true })
      mkdirSync(folder, { recursive: true })
      const tar = layerOf(
        ...drafts.map(({ content, ...draft }) => (draft.type === 'file' ? { ...draft, content } : draft)),
      )
      // Links to nothing and folders below files: refused, and nothing is to be made again.
      const isMade = await apply(tar).then(
        () => true,
        () => false,
      )
      if (!isMade) return
      made += 1
      expect((await again()).equals(tar)).toBe(true)
    }),
    { numRuns: 120 },
  )
  expect(made).toBeGreaterThan(15)
})

gate.test('a layer whose files were changed does not become a tar', {}, async () => {
  await apply(layerOf({ name: 'd/a', content: 'aaa' }))
  rmSync(join(folder, 'd'), { recursive: true })
  symlinkSync(beside, join(folder, 'd'))
  await expect(again()).rejects.toMatchObject({ code: 'LAYER_CHANGED' })
})

gate.test('a layer that was made here has one tar: sorted, with all that its files are', {}, async () => {
  const python = (...lines: readonly string[]): void =>
    void execFileSync('python3', ['-c', ['import os', ...lines].join('\n')], { cwd: folder })
  python(
    'os.umask(0)',
    'for name in ("op", "a", "a/b", "a.b"): os.mkdir(name, 0o755)',
    'open("a/file", "w").write("content")',
    'os.link("a/file", "a.b/name")',
    'os.chmod("a/file", 0o4755)',
    'os.symlink("../nowhere", "a/link")',
    'os.mkfifo("fifo", 0o600)',
    'os.mknod("gone", 0o20000, os.makedev(0, 0))',
    'os.link("gone", "also-gone")',
    'os.mknod("null", 0o20666, os.makedev(1, 3))',
    'open(b"n\\xe9", "w").close()',
    'os.truncate(os.open("sparse", os.O_CREAT | os.O_WRONLY, 0o644), 1 << 20)',
    'os.setxattr("op", "trusted.overlay.opaque", b"y")',
    'os.setxattr("op", "trusted.overlay.origin", b"here")',
    'os.setxattr("a.b", "user.note", b"\\x00=\\n")',
    'os.chown("a.b", 3000000, 70)',
    'os.utime("null", (1.9, 1.9))',
  )
  const pieces: Buffer[] = []
  for await (const piece of canonicalTar(folder)) pieces.push(piece)
  const tar = Buffer.concat(pieces)
  expect(await measureLayer(folder)).toEqual({
    diffId: `sha256:${createHash('sha256').update(tar).digest('hex')}`,
    size: 'content'.length + '../nowhere'.length + (1 << 20),
    tarSize: tar.length,
    entries: 13,
    highestId: 3_000_000,
    opaque: ['op'],
  })
  const list = execFileSync('tar', ['--list', '--verbose', '--numeric-owner'], {
    input: tar,
    encoding: 'latin1',
  })
  // Without the dates.
  const shown = list.split('\n').map(line => line.replace(/ +/g, ' ').replace(/ \S+ \d\d:\d\d /, ' '))
  expect(shown.filter(line => line !== '')).toEqual([
    'drwxr-xr-x 0/0 0 a/',
    'drwxr-xr-x 0/0 0 a/b/',
    '-rwsr-xr-x 0/0 7 a/file',
    'lrwxrwxrwx 0/0 0 a/link -> ../nowhere',
    'drwxr-xr-x 3000000/70 0 a.b/',
    'hrwsr-xr-x 0/0 0 a.b/name link to a/file',
    '---------- 0/0 0 .wh.also-gone',
    'prw------- 0/0 0 fifo',
    '---------- 0/0 0 .wh.gone',
    'crw-rw-rw- 0/0 1,3 null',
    '-rw-rw-rw- 0/0 0 n\\351',
    'drwxr-xr-x 0/0 0 op/',
    '---------- 0/0 0 op/.wh..wh..opq',
    '-rw-r--r-- 0/0 1048576 sparse',
  ])
  expect(tar.includes('SCHILY.xattr.user.note=\0=\n')).toBe(true)
  expect(tar.includes('trusted.overlay')).toBe(false)
  const before = openCopies()
  for (let times = 0; times < 3; times += 1) await measureLayer(folder)
  expect(openCopies()).toBe(before)
})

/** Copies of the native program that this process holds. */
function openCopies(): number {
  return readdirSync('/proc/self/fd').filter(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes('tscompose-native')
    } catch {
      // Of the listing itself.
      return false
    }
  }).length
}
