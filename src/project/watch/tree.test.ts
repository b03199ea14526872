import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { treeFilter } from './filter.ts'
import { type TreeChange, WatchedTree } from './tree.ts'

let top: string
let tree: WatchedTree | undefined
let hints = 0

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'watched-tree-'))
  hints = 0
})
afterEach(() => {
  tree?.close()
  rmSync(top, { recursive: true })
})

const write = (path: string, text = path): void => {
  mkdirSync(dirname(join(top, path)), { recursive: true })
  writeFileSync(join(top, path), text)
}

async function open(path = 'src', ignore: readonly string[] = [], include: readonly string[] = []) {
  const root = join(top, path)
  tree = new WatchedTree(root, treeFilter({ root, ignore, include }), () => {
    hints += 1
  })
  await tree.open()
  return tree
}

/** All that is told until this is among it, as `+path` and `-path`. */
async function until(watched: WatchedTree, wanted: readonly string[]): Promise<readonly string[]> {
  const said: TreeChange[] = []
  const texts = (): string[] => said.map(({ path, change }) => `${change === 'put' ? '+' : '-'}${path}`)
  await vi.waitFor(
    async () => {
      said.push(...(await watched.changes()))
      expect(texts()).toEqual(expect.arrayContaining([...wanted]))
    },
    { timeout: 10_000, interval: 10 },
  )
  return texts()
}

test('what is written, made, linked, renamed and removed is told, and what is there at first is not', async () => {
  write('src/a')
  write('src/deep/b')
  const watched = await open()
  expect(await watched.changes()).toEqual([])
  expect([...watched.files()].sort()).toEqual(['a', 'deep/b'])
  write('src/a', 'other')
  write('src/new/below/c')
  symlinkSync('a', join(top, 'src/link'))
  await until(watched, ['+a', '+new', '+new/below', '+new/below/c', '+link'])
  renameSync(join(top, 'src/a'), join(top, 'src/moved'))
  rmSync(join(top, 'src/deep'), { recursive: true })
  expect([...new Set(await until(watched, ['-a', '+moved', '-deep']))].sort()).toEqual([
    '+moved',
    '-a',
    '-deep',
  ])
  expect(hints).toBeGreaterThan(0)
})

test('an editor that writes beside and renames changes one file', async () => {
  write('src/a')
  const watched = await open()
  for (const text of ['1', '2']) {
    write('src/.a.swp')
    write('src/a~', text)
    renameSync(join(top, 'src/a~'), join(top, 'src/a'))
    rmSync(join(top, 'src/.a.swp'))
    expect(new Set(await until(watched, ['+a']))).toEqual(new Set(['+a']))
  }
})

test('a folder that is another one under the same name is compared and watched anew', async () => {
  for (const name of ['same', 'gone', 'below/gone']) write(`src/d/${name}`)
  const watched = await open()
  renameSync(join(top, 'src/d'), join(top, 'old'))
  write('src/d/fresh')
  await until(watched, ['-d/gone', '-d/below', '+d/fresh'])
  write('src/d/later')
  await until(watched, ['+d/later'])
})

test('a file in the place of a folder, and the other way round, is a removal first', async () => {
  write('src/d/x')
  const watched = await open()
  rmSync(join(top, 'src/d'), { recursive: true })
  write('src/d')
  const said = await until(watched, ['-d', '+d'])
  expect(said.lastIndexOf('+d')).toBeGreaterThan(said.indexOf('-d'))
})

test('a root may come later, go, and come again; what is in it goes by name', async () => {
  const watched = await open('not/yet/src')
  write('not/yet/src/a')
  await until(watched, ['+a'])
  rmSync(join(top, 'not'), { recursive: true })
  await until(watched, ['-a'])
  write('not/yet/src/b')
  await until(watched, ['+b'])
})

test('a single file is watched over renames onto it', async () => {
  write('conf')
  const watched = await open('conf')
  expect(watched.files()).toEqual([''])
  write('conf.new', 'other')
  write('unrelated')
  renameSync(join(top, 'conf.new'), join(top, 'conf'))
  expect(new Set(await until(watched, ['+']))).toEqual(new Set(['+']))
})

test('of what is ignored nothing is told, of what is included that alone, removed folders file by file', async () => {
  write('src/node_modules/x/y')
  write('src/lib/a.js')
  write('src/lib/a.txt')
  const watched = await open('src', ['node_modules'], ['**/*.js'])
  expect(watched.files()).toEqual(['lib/a.js'])
  write('src/node_modules/x/z.js')
  write('src/more/b.txt')
  write('src/more/b.js')
  rmSync(join(top, 'src/lib'), { recursive: true })
  expect([...(await until(watched, ['+more/b.js', '-lib/a.js']))].sort()).toEqual(['+more/b.js', '-lib/a.js'])
})

test('thousands of files that come at once are all told', async () => {
  mkdirSync(join(top, 'src'))
  const watched = await open()
  const names = Array.from({ length: 6_000 }, (_, index) => `d${index % 60}/f${index}`)
  for (const name of names) write(`src/${name}`, '')
  await until(
    watched,
    names.map(name => `+${name}`),
  )
  rmSync(join(top, 'src'), { recursive: true })
  await until(
    watched,
    Array.from({ length: 60 }, (_, index) => `-d${index}`),
  )
}, 60_000)
