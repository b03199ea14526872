// A container makes folders deeper than any path: all that is done to its files goes on, and it can be removed.
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { folderSize } from '../../../src/native/folder-size.ts'
import { createNative, type OutsideOp, type PackItem, removeTree } from '../../../src/native/index.ts'

const native = createNative()
const DEPTH = 300
const NAME = 'deep'.repeat(10)
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-deep-'))
  for (const name of ['from', 'to']) mkdirSync(join(folder, name))
})
afterEach(async () => {
  await removeTree(folder)
  expect(existsSync(folder)).toBe(false)
})

/** A folder in a folder …, each with a file; at the bottom a file of 4,096 bytes with two names, and a link out. */
function makeDeep(top: string): void {
  // By relative paths, in a process of its own: no path is as long as the tree.
  const script = `
    const { linkSync, mkdirSync, symlinkSync, writeFileSync } = require('node:fs')
    for (let depth = 0; depth < ${DEPTH}; depth++) {
      mkdirSync('${NAME}')
      process.chdir('${NAME}')
      writeFileSync('file', '')
    }
    writeFileSync('bottom', Buffer.alloc(4096))
    linkSync('bottom', 'twin')
    symlinkSync('${folder}', 'out')`
  execFileSync(process.execPath, ['-e', script], { cwd: top })
}

const open = (slot: number, path: string): OutsideOp => ({
  op: 'open',
  slot,
  path: join(folder, path),
  kind: 'folder',
})

async function packed(path: string): Promise<readonly PackItem[]> {
  const items: PackItem[] = []
  for await (const some of native.pack({ outside: [open(0, path), { op: 'pack', slot: 0, path: '/' }] }))
    items.push(...some)
  return items
}

const namesOf = (items: readonly PackItem[]): string[] =>
  items.flatMap(item =>
    Buffer.isBuffer(item) ? [] : [`${item.type} ${item.name} ${item.linkName} ${item.mode}`],
  )

test('a deep tree is copied, read, measured and removed', async () => {
  makeDeep(join(folder, 'from'))
  await native.run({
    outside: [
      open(0, 'from'),
      open(1, 'to'),
      { op: 'copyTree', fromSlot: 0, from: '/', toSlot: 1, to: '/', create: false },
    ],
  })
  const before = namesOf(await packed('from'))
  const after = namesOf(await packed('to'))
  expect(before).toHaveLength(1 + 2 * DEPTH + 3)
  expect(after.filter(name => !/bottom|twin/.test(name))).toEqual(
    before.filter(name => !/bottom|twin/.test(name)),
  )
  expect(await folderSize(join(folder, 'from'))).toBeGreaterThanOrEqual(DEPTH * 4096)
  await removeTree(join(folder, 'from'))
  expect(readdirSync(folder)).toEqual(['to'])
})

test('a removal follows no link and keeps what is outside, whatever names lie in its way', async () => {
  const top = join(folder, 'from')
  execFileSync('sh', ['-c', `touch kept; ln -s "$PWD" from/link; mkdir from/.removed-0 from/.removed-1`], {
    cwd: folder,
  })
  makeDeep(top)
  await native.run({ outside: [open(0, ''), { op: 'removeTree', slot: 0, path: 'from' }] })
  expect(readdirSync(folder).sort()).toEqual(['kept', 'to'])
})

test('many names of many files are found at once', async () => {
  for (const name of ['a', 'b']) mkdirSync(join(folder, 'from', name))
  for (let count = 0; count < 1000; count++) {
    writeFileSync(join(folder, 'from/a', String(count)), '')
    linkSync(join(folder, 'from/a', String(count)), join(folder, 'from/b', String(count)))
  }
  const copy: OutsideOp = { op: 'copyTree', fromSlot: 0, from: '/', toSlot: 1, to: '/', create: false }
  await native.run({ outside: [open(0, 'from'), open(1, 'to'), copy] })
  for (const name of ['0', '500', '999']) {
    const [one, other] = ['a', 'b'].map(each => lstatSync(join(folder, 'to', each, name)))
    expect(one?.ino).toBe(other?.ino)
  }
  expect(statSync(join(folder, 'to/a/7')).nlink).toBe(2)
  expect(namesOf(await packed('from')).filter(name => name.startsWith('link '))).toHaveLength(1000)
})
