import { execFileSync } from 'node:child_process'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { encodeHeader, endOfArchive, padding } from '../layer/tar/encode.ts'
import type { TarEntry } from '../layer/tar/entry.ts'
import { openImageStore } from '../store/open.ts'
import type { StoreSession } from '../store/session.ts'
import type { ImageStore } from '../store/types.ts'
import { makeScratch, type Scratch, writeTree } from '../testing/fakes.ts'
import { type LoadedContext, loadContext } from './context.ts'
import { ignoreRules } from './ignore.ts'

let scratch: Scratch
let store: ImageStore
let session: StoreSession
beforeEach(async () => {
  scratch = await makeScratch()
  store = await openImageStore({ root: join(scratch.folder, 'images'), sources: [] })
  session = await store.session()
})
afterEach(async () => {
  await session.end()
  await scratch.remove()
})

const load = (stream: Readable): Promise<LoadedContext> =>
  loadContext(
    {
      context: { type: 'tar', stream },
      dockerfile: 'Dockerfile',
      dockerfileText: 'FROM scratch',
      signal: undefined,
    },
    session,
  )

const none = {
  linkName: '',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0,
  devMajor: 0,
  devMinor: 0,
  xattrs: new Map(),
}

function archiveOf(
  ...entries: readonly (Partial<TarEntry> & Pick<TarEntry, 'name'> & { content?: string })[]
): Buffer {
  const parts = entries.flatMap(({ content = '', ...entry }) => {
    const data = Buffer.from(content)
    return [encodeHeader({ ...none, type: 'file', size: data.length, ...entry }), data, padding(data.length)]
  })
  return Buffer.concat([...parts, endOfArchive()])
}

test('a tar is unpacked, plain, compressed, in small pieces, with padding behind it', async () => {
  await writeTree(join(scratch.folder, 'source'), { 'a/b': 'B', link: { link: 'a/b' } })
  const tar = execFileSync('tar', ['-C', join(scratch.folder, 'source'), '-c', '.'])
  const pieces = Array.from({ length: Math.ceil(tar.length / 700) }, (_, at) =>
    tar.subarray(at * 700, at * 700 + 700),
  )
  for (const chunks of [[tar], [gzipSync(tar)], pieces, [tar, Buffer.alloc(200_000)]]) {
    const { view } = await load(Readable.from(chunks))
    expect(await view.readText('/link', 10)).toBe('B')
  }
})

test('nothing is written outside of the context', async () => {
  const outside = join(scratch.folder, 'outside')
  const archives = [
    archiveOf({ name: '../../outside', content: 'x' }),
    archiveOf({ name: 'l', type: 'symlink', linkName: scratch.folder }, { name: 'l/outside', content: 'x' }),
    archiveOf({ name: 'l', type: 'symlink', linkName: '../../..' }, { name: 'l/outside', content: 'x' }),
  ]
  for (const archive of archives) {
    // Whether tar refuses or goes around it: outside stays as it is.
    await load(Readable.from([archive])).catch(() => undefined)
    await expect(lstat(outside)).rejects.toMatchObject({ code: 'ENOENT' })
  }
  expect((await readdir(scratch.folder)).sort()).toEqual(['images'])
})

test('FIFOs are left out', async () => {
  const { view } = await load(
    Readable.from([archiveOf({ name: 'fifo', type: 'fifo' }, { name: 'file', content: 'x' })]),
  )
  expect(await view.list('/')).toEqual(['file'])
})

test('a stream that breaks off is refused, even between two entries', async () => {
  const whole = archiveOf({ name: 'a', content: 'x' }, { name: 'b', content: 'y' })
  async function* cut(length: number): AsyncGenerator<Buffer> {
    yield whole.subarray(0, length)
    throw new Error('connection lost')
  }
  for (const length of [1024, 700]) {
    await expect(load(Readable.from(cut(length)))).rejects.toMatchObject({ code: 'CONTEXT_UNREADABLE' })
  }
  await expect(load(Readable.from([whole.subarray(0, 700)]))).rejects.toMatchObject({
    code: 'CONTEXT_UNREADABLE',
  })
  await expect(load(Readable.from([Buffer.from('no archive at all')]))).rejects.toMatchObject({
    code: 'CONTEXT_UNREADABLE',
  })
})

test.each([
  ['*.log', 'a.log', true],
  ['*.log', 'sub/a.log', false],
  ['**/*.log', 'sub/a.log', true],
  ['node_modules', 'node_modules/x/y', true],
  ['/a', 'a', true],
  ['a\n!a/keep', 'a/keep', false],
  ['# a', 'a', false],
  ['A', 'a', false],
])('rule %j and path %s: %s', (rules, path, ignored) => {
  expect(ignoreRules(rules)(path)).toBe(ignored)
})
