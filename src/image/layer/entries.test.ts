import { describe, expect, test } from 'vitest'
import { plainEntry, type TarEntry } from '../../tar/index.ts'
import { LayerEntries } from './entries.ts'
import { LayerNames } from './layer-names.ts'

const file = (name: string, size = 0): TarEntry => plainEntry({ type: 'file', name, size })
const folder = (name: string, mode = 0o755): TarEntry => plainEntry({ type: 'folder', name, mode })

/** `name` of what is made, with `!` for a whiteout, `/` for a folder and `(o)` for one that hides what is below. */
function made(...entries: readonly TarEntry[]): string[] {
  const names = new LayerNames()
  const layer = new LayerEntries(names)
  return entries.flatMap(entry => {
    const made = layer.select(entry)
    if (made === undefined) return []
    names.place(made)
    const hides = made.xattrs.get('trusted.overlay.opaque') === 'y' ? '(o)' : ''
    const marks = { char: '!', folder: '/' } as const
    return [`${made.name}${made.type === 'char' || made.type === 'folder' ? marks[made.type] : ''}${hides}`]
  })
}

test('a whiteout is a device 0/0 with the name of what it takes away', () => {
  const whiteout = new LayerEntries(new LayerNames()).select(file('etc/.wh.passwd'))
  expect(whiteout).toMatchObject({ type: 'char', name: 'etc/passwd', devMajor: 0, devMinor: 0, size: 0 })
})

describe('a folder hides what is below', () => {
  test('when its marker comes behind it, with its own owner and mode', () => {
    const layer = new LayerEntries(new LayerNames())
    layer.select(plainEntry({ type: 'folder', name: 'srv', mode: 0o700, uid: 5 }))
    expect(layer.select(file('srv/.wh..wh..opq'))).toMatchObject({ type: 'folder', mode: 0o700, uid: 5 })
    expect(layer.opaque).toEqual(['srv'])
  })

  test.each([
    ['when its marker comes first', [file('srv/.wh..wh..opq'), folder('srv')], ['srv/(o)', 'srv/(o)']],
    ['when it takes the place of a whiteout', [file('.wh.srv'), folder('srv')], ['srv!', 'srv/(o)']],
  ])('%s', (_when, entries, expected) => {
    expect(made(...entries)).toEqual(expected)
  })

  test('not any more when something else took its place', () => {
    expect(made(folder('a'), file('a/.wh..wh..opq'), file('a'), folder('a'))).toEqual([
      'a/',
      'a/(o)',
      'a',
      'a/',
    ])
  })
})

const link = (name: string, linkName: string): TarEntry => plainEntry({ type: 'symlink', name, linkName })

test.each([
  ['a folder', [folder('o'), file('o/d'), file('.wh.o')], ['o/', 'o/d', 'o/(o)']],
  ['a folder without an entry', [file('p/o/d'), file('p/.wh.o')], ['p/o/d', 'p/o/(o)']],
  [
    'a folder, by a link to where it is',
    [folder('p/o'), link('w', 'p'), file('w/.wh.o')],
    ['p/o/', 'w', 'p/o/(o)'],
  ],
  ['a file', [file('o'), file('.wh.o')], ['o']],
  ['a link', [link('o', 'x'), file('.wh.o')], ['o']],
  ['a file, behind the whiteout', [file('.wh.o'), file('o'), file('.wh.o')], ['o!', 'o']],
  ['a folder that takes the place of a file', [file('o'), file('.wh.o'), folder('o')], ['o', 'o/(o)']],
  ['a folder of before and behind', [folder('o'), file('.wh.o'), folder('o')], ['o/', 'o/(o)', 'o/(o)']],
])('a whiteout takes away nothing of its own layer: %s', (_what, entries, expected) => {
  expect(made(...entries)).toEqual(expected)
})

test('a folder that stays at its whiteout keeps its owner and mode, and is told of as one that hides', () => {
  const names = new LayerNames()
  const layer = new LayerEntries(names)
  const own = plainEntry({ type: 'folder', name: 'srv', mode: 0o700, uid: 5 })
  layer.select(own)
  names.place(own)
  expect(layer.select(file('.wh.srv'))).toMatchObject({ type: 'folder', mode: 0o700, uid: 5 })
  expect([layer.opaque, layer.count]).toEqual([['srv'], 1])
})

test.each(['.wh..wh.plnk', 'x/.wh..wh.aufs', '.wh..wh..opq'])('%s makes nothing', name => {
  expect(made(file(name))).toEqual([])
})

test.each(['.wh.', 'a/.wh..', 'a/.wh...'])('%s is refused', name => {
  expect(() => made(file(name))).toThrow(expect.objectContaining({ code: 'LAYER_INVALID' }))
})

test('what is counted: bytes of files and of where links lead to, and entries', () => {
  const layer = new LayerEntries(new LayerNames())
  const entries = [folder('a'), file('a/b', 10), link('a/l', 'four'), file('c', 5), file('.wh.d')]
  for (const entry of entries) layer.select(entry)
  expect([layer.size, layer.count]).toEqual([19, 5])
})

test('the highest id of an owner or group is known, of whatever a container sees', () => {
  const entries = new LayerEntries(new LayerNames())
  for (const entry of [
    { ...plainEntry({ type: 'file', name: 'a', mode: 0, mtime: 0 }), uid: 5, gid: 70_000 },
    { ...plainEntry({ type: 'folder', name: 'b', mode: 0, mtime: 0 }), uid: 65_536, gid: 0 },
  ])
    entries.select(entry)
  expect(entries.highest).toBe(70_000)
})
