import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeScratch, type Scratch, type Tree, writeTree } from '../testing/fakes.ts'
import { MergedTree } from './merged-tree.ts'

let scratch: Scratch
beforeEach(async () => {
  scratch = await makeScratch()
})
afterEach(() => scratch.remove())

/** The tree that trees given top first make; `opaque` is of the top one. */
async function mergedTreeOf(trees: readonly Tree[], opaque: readonly string[] = []): Promise<MergedTree> {
  const layers = trees.map((_, index) => ({
    folder: join(scratch.folder, String(index)),
    opaque: index === 0 ? opaque : [],
  }))
  for (const [index, tree] of trees.entries()) await writeTree(join(scratch.folder, String(index)), tree)
  return new MergedTree(layers)
}

test('folders merge, files hide what is below', async () => {
  const tree = await mergedTreeOf([{ 'etc/a': 'top' }, { 'etc/a': 'below', 'etc/b': 'b' }])
  expect(await tree.list('/etc')).toEqual(['a', 'b'])
  expect(await tree.readText('/etc/a', 100)).toBe('top')
  expect(await tree.readText('/etc/b', 100)).toBe('b')
})

test('an opaque folder hides what is below', async () => {
  const tree = await mergedTreeOf([{ 'etc/a': 'top' }, { 'etc/b': 'b' }], ['etc'])
  expect(await tree.list('/etc')).toEqual(['a'])
  expect(await tree.find('/etc/b')).toBeUndefined()
})

test('a file in place of a folder hides the folder, and the other way round', async () => {
  const tree = await mergedTreeOf([
    { x: 'file', 'y/in': '1' },
    { 'x/in': '2', y: 'file' },
  ])
  expect(await tree.find('/x/in')).toBeUndefined()
  expect(await tree.list('/y')).toEqual(['in'])
})

test('symlinks resolve inside the tree, across layers, absolute ones too', async () => {
  const tree = await mergedTreeOf([
    { bin: { link: 'usr/bin' }, abs: { link: '/usr/../etc/passwd' } },
    { 'usr/bin/sh': 'sh', 'etc/passwd': 'root' },
  ])
  expect(await tree.find('/bin/sh')).toMatchObject({ path: '/usr/bin/sh' })
  expect(await tree.readText('/abs', 100)).toBe('root')
  expect((await tree.findLink('/bin'))?.stats.isSymbolicLink()).toBe(true)
  expect(await tree.resolve('/bin/new/x')).toBe('/usr/bin/new/x')
})

test('a link cannot leave the tree', async () => {
  const tree = await mergedTreeOf([{ up: { link: '../../../../etc/passwd' }, loop: { link: 'loop' } }])
  expect(await tree.find('/up')).toBeUndefined()
  expect(await tree.resolve('/up')).toBe('/etc/passwd')
  expect(await tree.find('/loop')).toBeUndefined()
})

test('a file that is too large is refused', async () => {
  const tree = await mergedTreeOf([{ a: 'abc' }])
  await expect(tree.readText('/a', 2)).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' })
})
