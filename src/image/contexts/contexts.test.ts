import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Failure } from '../../diagnostics/index.ts'
import { type PackedEntry, packTar, plainEntry, type TreeSink } from '../../tar/index.ts'
import { digestTree } from '../builder/digest-tree.ts'
import type { TreeUnpack } from '../layer/trees.ts'
import { FakeTrees, makeScratch, type Scratch } from '../testing/fakes.ts'
import { KeptContexts } from './contexts.ts'
import { type ContextManifest, readManifest } from './manifest.ts'

const KEY = 'a'.repeat(64)
const SIGNAL = new AbortController().signal

/** A context: folders are null, links `->target`; a stamp is what comes behind a `#`. */
type Files = Readonly<Record<string, string | null>>

let scratch: Scratch
let contexts: KeptContexts
beforeEach(async () => {
  scratch = await makeScratch()
  contexts = open()
})
afterEach(() => scratch.remove())

const folder = (): string => join(scratch.folder, 'contexts')
const open = (trees = new FakeTrees()): KeptContexts => new KeptContexts(folder(), trees)

function rowOf([name, text]: readonly [string, string | null]): readonly unknown[] {
  if (text === null) return [name, 'folder', 0o755, 1, 0, '', '']
  if (text.startsWith('->')) return [name, 'symlink', 0o777, 1, 0, '', text.slice(2)]
  const [content = '', stamp = 'same'] = text.split('#')
  return [name, 'file', 0o644, 1, content.length, stamp, '']
}

function manifestOf(files: Files, key = KEY): ContextManifest {
  return readManifest({ key, mtime: 1, entries: Object.entries(files).map(rowOf) })
}

function tarOf(files: Files, names: readonly string[]): Readable {
  const entries = names.map((name): PackedEntry => {
    const content = Buffer.from((files[name] ?? '').split('#')[0] ?? '')
    return { entry: plainEntry({ type: 'file', name, size: content.length }), content }
  })
  return packTar(entries)
}

/** Sends what is missing, as a client does; the names of what travelled, and the token. */
async function send(files: Files, key = KEY): Promise<{ sent: readonly string[]; token: string }> {
  const manifest = manifestOf(files, key)
  const { missing, token } = await contexts.check(manifest)
  if (token !== undefined) return { sent: [], token }
  const sent = missing.map(place => manifest.entries[place]?.name ?? '')
  return { sent, token: await contexts.fill(manifest, tarOf(files, sent), SIGNAL) }
}

/** What lies in the kept tree, as `send` takes it. */
function kept(key = KEY): Files {
  const top = join(folder(), key, 'fs')
  const names = readdirSync(top, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    names.map(name => [
      name,
      statSync(join(top, name)).isDirectory() ? null : readFileSync(join(top, name), 'utf8'),
    ]),
  )
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  const error = await work.then(() => undefined).catch((reason: unknown) => reason)
  return error instanceof Failure ? error.code : String(error)
}

test('what was sent once does not travel again, and is hashed as the builder hashes files', async () => {
  const files = { a: 'one', d: null, 'd/b': 'two', 'd/c': '->b', e: '' }
  expect((await send(files)).sent).toEqual(['a', 'd/b', 'e'])
  const { sent, token } = await send(files)
  expect(sent).toEqual([])
  const held = await contexts.hold(token)
  for (const path of ['/', '/a', '/d', '/d/b'])
    expect(await held.digest(path)).toBe(await digestTree(join(held.folder, path)))
  held.release()
})

test('an empty context is held as any other is', async () => {
  const { token } = await send({})
  const held = await contexts.hold(token)
  expect(readdirSync(held.folder)).toEqual([])
  expect(await held.digest('/')).toBe(await digestTree(held.folder))
  held.release()
  expect(await send({})).toEqual({ sent: [], token })
})

test('of a changed context the changed files travel, and what is gone goes', async () => {
  await send({ a: 'one', d: null, 'd/b': 'two', x: null, 'x/y': 'deep' })
  const files = { a: 'one', d: null, 'd/b': 'TWO#other', 'd/n': 'new' }
  const { sent, token } = await send(files)
  expect(sent).toEqual(['d/b', 'd/n'])
  expect(kept()).toEqual({ a: 'one', d: null, 'd/b': 'TWO', 'd/n': 'new' })
  const held = await contexts.hold(token)
  expect(await held.digest('/')).toBe(await digestTree(held.folder))
})

test('a file of the same size and time with another stamp is another file', async () => {
  await send({ a: 'one' })
  expect((await send({ a: 'two#changed' })).sent).toEqual(['a'])
  expect(kept()).toEqual({ a: 'two' })
})

test('a file without a stamp is never taken for what it was', async () => {
  await send({ a: 'one#', b: 'x' })
  expect((await send({ a: 'two#', b: 'x' })).sent).toEqual(['a'])
  expect(kept()).toEqual({ a: 'two', b: 'x' })
})

test('an entry becomes one of another kind', async () => {
  await send({ a: null, 'a/b': 'in', f: 'file' })
  await send({ a: 'file#1', f: null, 'f/g': 'in' })
  expect(kept()).toEqual({ a: 'file', f: null, 'f/g': 'in' })
})

test('a transfer that ends in the middle costs what it was changing, and nothing else', async () => {
  await send({ a: 'one', b: 'two', gone: 'three' })
  const files = { a: 'one', b: 'TWO#1', c: 'new' }
  const cut = Readable.from([Buffer.concat(await tarOf(files, ['b']).toArray()).subarray(0, 514)])
  expect(await codeOf(contexts.fill(manifestOf(files), cut, SIGNAL))).toMatch(/^TAR_/)
  contexts = open()
  expect((await send(files)).sent).toEqual(['b', 'c'])
  expect(kept()).toEqual({ a: 'one', b: 'TWO', c: 'new' })
})

test('a context that fills the disk is not kept', async () => {
  await send({ a: 'one' })
  const files = { a: 'one', b: 'too large' }
  const full = Readable.from([Buffer.alloc(10)]).map(() => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  })
  await expect(contexts.fill(manifestOf(files), full, SIGNAL)).rejects.toThrow('no space left')
  expect(readdirSync(folder())).toEqual([])
})

test('an engine that was killed in the middle trusts nothing that it was changing', async () => {
  await send({ a: 'one', b: 'two' })
  const files = { a: 'one', b: 'TWO#1', c: 'new' }
  // The next engine finds what there is at any moment: here, when all files are there and the index is not.
  class Dying extends FakeTrees {
    override async unpack(request: TreeUnpack, fill: (sink: TreeSink) => Promise<void>): Promise<void> {
      await super.unpack(request, fill)
      throw new Error('killed')
    }
  }
  const dying = open(new Dying())
  expect(await codeOf(dying.fill(manifestOf(files), tarOf(files, ['b', 'c']), SIGNAL))).toContain('killed')
  contexts = open()
  expect((await send({ a: 'one', b: 'two' })).sent).toEqual(['b'])
  expect(kept()).toEqual({ a: 'one', b: 'two' })
})

test('what is of another boot, torn or foreign is sent again whole', async () => {
  for (const text of ['', '{"version":1}\n{}', 'no json\n[]']) {
    await send({ a: 'one' })
    writeFileSync(join(folder(), KEY, 'index'), text)
    contexts = open()
    expect((await send({ a: 'one' })).sent).toEqual(['a'])
  }
})

test('a tree that a build holds stays as it is; who has another is told to send all', async () => {
  const { token } = await send({ a: 'one' })
  const held = await contexts.hold(token)
  const files = { a: 'two#1' }
  expect(await codeOf(send(files))).toBe('CONTEXT_BUSY')
  expect(await contexts.prune()).toBe(0)
  expect((await send({ a: 'one' })).token).toBe(token)
  held.release()
  held.release()
  expect((await send(files)).sent).toEqual(['a'])
  expect(await codeOf(contexts.hold(token))).toBe('CONTEXT_GONE')
})

test('two that send one context at once both get it', async () => {
  const manifest = manifestOf({ a: 'one' })
  const both = [1, 2].map(() => contexts.fill(manifest, tarOf({ a: 'one' }, ['a']), SIGNAL))
  const [first, second] = await Promise.all(both)
  expect(first).toBe(second)
})

test('contexts that no build holds go by a prune', async () => {
  const { token } = await send({ a: 'four' })
  const manifest = manifestOf({ a: 'four', b: 'two' })
  expect((await contexts.check(manifest)).missing).toEqual([1])
  expect(await contexts.prune()).toBe(4)
  expect(await codeOf(contexts.hold(token))).toBe('CONTEXT_GONE')
  expect(await codeOf(contexts.fill(manifest, tarOf({ b: 'two' }, ['b']), SIGNAL))).toBe('CONTEXT_GONE')
  await contexts.prune()
  expect(readdirSync(folder())).toEqual([])
})

test('whoever looks while contexts go finds them or does not', async () => {
  const keys = Array.from({ length: 50 }, (_, at) => at.toString(16).padStart(64, '0'))
  for (const key of keys) await send({ a: 'one' }, key)
  let isOver = false
  const pruned = contexts.prune().finally(() => {
    isOver = true
  })
  // Nothing was used before 1970: these look, and take nothing.
  while (!isOver) expect(await Promise.all([contexts.prune(0), contexts.prune(0)])).toEqual([0, 0])
  await pruned
})

test('nothing but what was asked for is taken, and all of it', async () => {
  const files = { a: 'one', b: 'two' }
  const fill = (names: readonly string[]) =>
    contexts.fill(manifestOf(files), tarOf({ ...files, z: '' }, names), SIGNAL)
  expect(await codeOf(fill(['a', 'b', 'z']))).toBe('CONTEXT_INVALID')
  expect(await codeOf(fill(['a', 'a']))).toBe('CONTEXT_INVALID')
  expect(await codeOf(fill(['a']))).toBe('CONTEXT_GONE')
})

test('names that lead elsewhere are refused', async () => {
  await mkdir(join(scratch.folder, 'outside'))
  const wrong: readonly (readonly unknown[])[] = [
    [['../x', 'file', 0, 0, 0, '', '']],
    [['/x', 'file', 0, 0, 0, '', '']],
    [['a/b', 'file', 0, 0, 0, '', '']],
    [
      ['a', 'symlink', 0, 0, 0, '', '../outside'],
      ['a/b', 'file', 0, 0, 0, '', ''],
    ],
    [['a\0', 'file', 0, 0, 0, '', '']],
    [['ā', 'file', 0, 0, 0, '', '']],
    [['a', 'device', 0, 0, 0, '', '']],
    [['a', 'file', 0, 0, -1, '', '']],
    [
      ['a', 'file', 0, 0, 0, '', ''],
      ['a', 'file', 0, 0, 0, '', ''],
    ],
  ]
  for (const entries of wrong)
    expect(() => readManifest({ key: KEY, mtime: 0, entries })).toThrow(
      expect.objectContaining({ code: 'CONTEXT_INVALID' }),
    )
  expect(() => readManifest({ key: '../x', mtime: 0, entries: [] })).toThrow()
  expect(() => readManifest(null)).toThrow()
})
