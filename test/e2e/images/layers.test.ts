import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstatSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect } from 'vitest'
import { nativeTrees } from '../../../src/image/index.ts'
import { applyLayer } from '../../../src/image/layer/apply.ts'
import type { LayerMeasure } from '../../../src/image/layer/measure.ts'
import { createNative } from '../../../src/native/index.ts'
import { program, requires, root } from '../../requires.ts'
import { layerOf } from '../harness/registry/publish.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-layer-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const apply = (bytes: Buffer): Promise<LayerMeasure> =>
  applyLayer(nativeTrees(createNative()), Readable.from([bytes]), folder)

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
      size: 2,
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

gate.test('what a layer says of overlayfs itself is not believed', {}, async () => {
  const xattrs = new Map([['trusted.overlay.redirect', '/etc']])
  await apply(layerOf({ type: 'folder', name: 'a/', xattrs }, { name: 'a/b', content: 'x', xattrs }))
  expect(attributes()).toEqual({})
})
