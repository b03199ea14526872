import { execFileSync } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect } from 'vitest'
import { nativeTrees } from '../../../src/image/index.ts'
import { applyLayer } from '../../../src/image/layer/apply.ts'
import { createNative } from '../../../src/native/index.ts'
import { requires, root } from '../../requires.ts'
import { type Draft, layerOf } from '../harness/registry/publish.ts'

/** Deep enough that no `..` of a case leaves it, with a file that a layer must not reach. */
let top: string
let marker: string
let place: { readonly upper: string; readonly folder: string }
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'tscompose-hostile-'))
  marker = join(top, 'marker')
  const folder = join(top, 'store/layer')
  place = { folder, upper: join(folder, 'upper') }
  for (const path of [marker, place.upper]) mkdirSync(path, { recursive: true })
  writeFileSync(join(marker, 'victim'), 'safe', { mode: 0o640 })
})
afterEach(() => rmSync(top, { recursive: true }))

const gate = requires(root)
const apply = (tar: Buffer): ReturnType<typeof applyLayer> =>
  applyLayer(nativeTrees(createNative()), Readable.from([gzipSync(tar)]), place)

/** Everything outside of the layer's own folder, with what it is. */
function outside(): string {
  const find = ['-path', './store/layer', '-prune', '-o', '-printf', '%p %y %m %u %s %l %T@\\n']
  return execFileSync('find', ['.', ...find], { cwd: top, encoding: 'utf8' })
}

const at = (path: string): string => join(place.upper, path)
const links = (target: string): Draft => ({ type: 'symlink', name: 'way', linkName: target })

/** What a layer tries → the code that refuses it, or what is to be found inside of the layer after it. */
const cases: Readonly<
  Record<string, readonly [make: () => readonly Draft[], outcome: string | (() => void)]>
> = {
  'an absolute name': [
    () => [{ name: '/etc/x', content: 'x' }],
    () => expect(readFileSync(at('etc/x'), 'utf8')).toBe('x'),
  ],
  'a name that climbs out': [() => [{ name: '../../marker/victim', content: 'x' }], 'TAR_INVALID'],
  'a name that climbs out behind a folder': [
    () => [{ name: 'a/../../marker/victim', content: 'x' }],
    'TAR_INVALID',
  ],
  'a file through an absolute link': [
    () => [links(marker), { name: 'way/victim', content: 'x' }],
    'TAR_INVALID',
  ],
  'a file through a link that climbs to a folder of the layer': [
    () => [
      { type: 'folder', name: 'marker' },
      links('../../../marker'),
      { name: 'way/victim', content: 'x' },
    ],
    () => expect(readFileSync(at('marker/victim'), 'utf8')).toBe('x'),
  ],
  'a file over a link to another file': [
    () => [links(join(marker, 'victim')), { name: 'way', content: 'x' }],
    () => expect(lstatSync(at('way')).isFile()).toBe(true),
  ],
  'a hard link that climbs out': [
    () => [{ type: 'link', name: 'h', linkName: '../../marker/victim' }],
    'TAR_INVALID',
  ],
  'a hard link to a path of the host': [
    () => [{ type: 'link', name: 'h', linkName: join(marker, 'victim') }],
    'TAR_INVALID',
  ],
  'a hard link to a link, which gets an owner, a mode and content': [
    () => [
      links(join(marker, 'victim')),
      { type: 'link', name: 'h', linkName: 'way', mode: 0o777, uid: 7, mtime: 1 },
      { name: 'h', content: 'x' },
    ],
    () => expect(readFileSync(at('h'), 'utf8')).toBe('x'),
  ],
  'a folder over a link': [
    () => [
      links(marker),
      { type: 'folder', name: 'way', mode: 0o777, uid: 7 },
      { name: 'way/victim', content: 'x' },
    ],
    () => expect(readFileSync(at('way/victim'), 'utf8')).toBe('x'),
  ],
  'a top that is a link': [
    () => [
      { type: 'symlink', name: './', linkName: marker, mode: 0o777 },
      { name: 'victim', content: 'x' },
    ],
    () =>
      expect([readFileSync(at('victim'), 'utf8'), statSync(place.upper).mode & 0o777]).toEqual(['x', 0o755]),
  ],
  'a whiteout of nothing': [() => [{ name: 'a/.wh.' }], 'LAYER_INVALID'],
  'a whiteout of the folder': [() => [{ name: 'a/.wh..' }], 'LAYER_INVALID'],
  'a whiteout of the folder above': [() => [{ name: '.wh...' }], 'LAYER_INVALID'],
  'a whiteout through a link': [
    () => [{ type: 'folder', name: 'marker' }, links('../../../marker'), { name: 'way/.wh.victim' }],
    () => expect(lstatSync(at('marker/victim')).isCharacterDevice()).toBe(true),
  ],
  'an opaque folder through a link': [
    () => [links(marker), { name: 'way/.wh..wh..opq' }],
    () => expect(readdirSync(place.upper)).toEqual(['way']),
  ],
  'names with a newline, an escape and bytes that are not UTF-8': [
    () => [
      { name: 'a\nb\u001b[2J', content: 'x' },
      { name: 'caf\xe9', content: 'y' },
    ],
    () => expect(readdirSync(place.upper, 'latin1').toSorted()).toEqual(['a\nb\u001b[2J', 'caf\xe9']),
  ],
  'a part of a name that is too long': [
    () => [{ name: `${'n'.repeat(256)}/x`, content: 'x' }],
    'TAR_INVALID',
  ],
  'a name that is too long': [() => [{ name: `${'deep/'.repeat(900)}x`, content: 'x' }], 'TAR_MALFORMED'],
  'one name twice': [
    () => [
      { name: 'a', content: 'first' },
      { name: 'a', content: 'last' },
    ],
    () => expect(readFileSync(at('a'), 'utf8')).toBe('last'),
  ],
  'files below a file': [
    () => [
      { name: 'a', content: 'a' },
      { name: 'a/b', content: 'b' },
    ],
    'TAR_INVALID',
  ],
  'links in a circle': [
    () => [
      links('way2'),
      { type: 'symlink', name: 'way2', linkName: 'way' },
      { name: 'way/x', content: 'x' },
    ],
    'TAR_INVALID',
  ],
  'setuid, devices and a pipe, which stay in a folder that root alone may enter': [
    () => [
      { name: 'su', mode: 0o4755, content: 'su' },
      { type: 'block', name: 'disk', devMajor: 254, devMinor: 0 },
      { type: 'fifo', name: 'pipe' },
    ],
    () => {
      expect(lstatSync(at('su')).mode & 0o7777).toBe(0o4755)
      expect([lstatSync(at('disk')).isBlockDevice(), lstatSync(at('pipe')).isFIFO()]).toEqual([true, true])
    },
  ],
}

for (const [what, [make, outcome]] of Object.entries(cases)) {
  gate.test(`a layer reaches nothing outside of it: ${what}`, {}, async () => {
    const before = outside()
    const applied = apply(layerOf(...make()))
    if (typeof outcome === 'string') await expect(applied).rejects.toMatchObject({ code: outcome })
    else {
      await applied
      outcome()
    }
    expect(outside()).toBe(before)
    expect(readFileSync(join(marker, 'victim'), 'utf8')).toBe('safe')
  })
}
