import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeScratch, type Scratch, type Tree, writeTree } from '../testing/fakes.ts'
import { LayerView } from './merged-tree.ts'

let scratch: Scratch
beforeEach(async () => {
  scratch = await makeScratch()
})
afterEach(() => scratch.remove())

/** A view of trees given top first; `opaque` is of the top one. */
async function viewOf(trees: readonly Tree[], opaque: readonly string[] = []): Promise<LayerView> {
  const layers = trees.map((_, index) => ({
    folder: join(scratch.folder, String(index)),
    opaque: index === 0 ? opaque : [],
  }))
  for (const [index, tree] of trees.entries()) await writeTree(join(scratch.folder, String(index)), tree)
  return new LayerView(layers)
}

test('folders merge, files hide what is below', async () => {
  const view = await viewOf([{ 'etc/a': 'top' }, { 'etc/a': 'below', 'etc/b': 'b' }])
  expect(await view.list('/etc')).toEqual(['a', 'b'])
  expect(await view.readText('/etc/a', 100)).toBe('top')
  expect(await view.readText('/etc/b', 100)).toBe('b')
})

test('an opaque folder hides what is below', async () => {
  const view = await viewOf([{ 'etc/a': 'top' }, { 'etc/b': 'b' }], ['etc'])
  expect(await view.list('/etc')).toEqual(['a'])
  expect(await view.find('/etc/b')).toBeUndefined()
})

test('a file in place of a folder hides the folder, and the other way round', async () => {
  const view = await viewOf([
    { x: 'file', 'y/in': '1' },
    { 'x/in': '2', y: 'file' },
  ])
  expect(await view.find('/x/in')).toBeUndefined()
  expect(await view.list('/y')).toEqual(['in'])
})

test('symlinks resolve inside the tree, across layers, absolute ones too', async () => {
  const view = await viewOf([
    { bin: { link: 'usr/bin' }, abs: { link: '/usr/../etc/passwd' } },
    { 'usr/bin/sh': 'sh', 'etc/passwd': 'root' },
  ])
  expect(await view.find('/bin/sh')).toMatchObject({ path: '/usr/bin/sh' })
  expect(await view.readText('/abs', 100)).toBe('root')
  expect((await view.findLink('/bin'))?.stats.isSymbolicLink()).toBe(true)
  expect(await view.resolve('/bin/new/x')).toBe('/usr/bin/new/x')
})

test('a link cannot leave the tree', async () => {
  const view = await viewOf([{ up: { link: '../../../../etc/passwd' }, loop: { link: 'loop' } }])
  expect(await view.find('/up')).toBeUndefined()
  expect(await view.resolve('/up')).toBe('/etc/passwd')
  expect(await view.find('/loop')).toBeUndefined()
})

test('a file that is too large is refused', async () => {
  const view = await viewOf([{ a: 'abc' }])
  await expect(view.readText('/a', 2)).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' })
})
