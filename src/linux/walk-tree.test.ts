import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { walkTree } from './walk-tree.ts'

let folder: string
let tree: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-walk-'))
  tree = join(folder, 'tree')
  mkdirSync(join(tree, 'a/b'), { recursive: true })
  writeFileSync(join(tree, 'a/b/file'), '')
  mkdirSync(join(folder, 'outside'))
  writeFileSync(join(folder, 'outside/secret'), '')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function visited(during: (path: string) => boolean | undefined = () => undefined): Promise<string[]> {
  const paths: string[] = []
  await walkTree(tree, path => {
    paths.push(path)
    return during(path) ?? true
  })
  return paths.sort()
}

test('visits everything, names that are not UTF-8 too, and leaves a folder out where it is told to', async () => {
  mkdirSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff])]))
  expect(await visited()).toEqual(['/a', '/a/b', '/a/b/file', '/\ufffd'])
  expect(await visited(path => path !== '/a')).toEqual(['/a', '/\ufffd'])
})

test('goes through no link, nor through one that takes the place of a folder meanwhile', async () => {
  symlinkSync(join(folder, 'outside'), join(tree, 'link'))
  expect(await visited()).toEqual(['/a', '/a/b', '/a/b/file', '/link'])
  const swap = (path: string): undefined => {
    if (path !== '/a/b') return
    renameSync(join(tree, 'a/b'), join(folder, 'moved'))
    symlinkSync(join(folder, 'outside'), join(tree, 'a/b'))
  }
  expect(await visited(swap)).toEqual(['/a', '/a/b', '/link'])
})

test('stays in a folder whose parent is exchanged for a link', async () => {
  const swap = (path: string): undefined => {
    if (path !== '/a/b') return
    renameSync(join(tree, 'a'), join(folder, 'moved'))
    mkdirSync(join(folder, 'outside/b'))
    symlinkSync(join(folder, 'outside'), join(tree, 'a'))
  }
  expect(await visited(swap)).toEqual(['/a', '/a/b', '/a/b/file'])
})

test('finds nothing where nothing is', async () => {
  rmSync(tree, { recursive: true })
  expect(await visited()).toEqual([])
})
