import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { encodeHeader, endOfArchive, padding, plainEntry, type TarEntry } from '../../tar/index.ts'
import { openImageStore } from '../open.ts'
import type { StoreLease } from '../store/lease.ts'
import type { ImageStore } from '../store/types.ts'
import { FakeTrees, makeScratch, type Scratch, writeTree } from '../testing/fakes.ts'
import { type LoadedContext, loadContext } from './context.ts'
import { StepTrace } from './step-trace.ts'

let scratch: Scratch
let store: ImageStore
let lease: StoreLease
beforeEach(async () => {
  scratch = await makeScratch()
  store = await openImageStore({ root: join(scratch.folder, 'images'), sources: [] })
  lease = await store.lease()
})
afterEach(async () => {
  await lease.end()
  await scratch.remove()
})

const load = (stream: Readable): Promise<LoadedContext> =>
  loadContext(
    {
      context: { type: 'tar', stream },
      contexts: undefined,
      dockerfile: 'Dockerfile',
      dockerfileText: 'FROM scratch',
      trees: new FakeTrees(),
      signal: undefined,
      trace: new StepTrace(() => undefined),
      wanted: async () => undefined,
      holding: () => undefined,
    },
    lease,
  )

function archiveOf(
  ...entries: readonly (Partial<TarEntry> & Pick<TarEntry, 'name'> & { content?: string })[]
): Buffer {
  const parts = entries.flatMap(({ content = '', ...entry }) => {
    const data = Buffer.from(content)
    return [
      encodeHeader(plainEntry({ type: 'file', size: data.length, ...entry })),
      data,
      padding(data.length),
    ]
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
    const { tree } = await (await load(Readable.from(chunks))).files()
    expect(await tree.readText('/link', 10)).toBe('B')
  }
})

test('a tar that has come to where it is unpacked to is refused, and not taken without end', async () => {
  async function* endless(): AsyncGenerator<Buffer> {
    for (let depth = 0; depth < 1000; depth += 1) {
      const [own = ''] = readdirSync(join(scratch.folder, 'images/tmp'))
      const name = `state/images/tmp/${own}/context/file${depth}`
      yield Buffer.concat([
        encodeHeader(plainEntry({ type: 'file', size: 1, name })),
        Buffer.from('x'),
        padding(1),
      ])
    }
  }
  await expect(load(Readable.from(endless()))).rejects.toMatchObject({
    code: 'CONTEXT_HOLDS_ENGINE',
    message: expect.stringContaining('"state"'),
  })
})

test('FIFOs are left out', async () => {
  const context = await load(
    Readable.from([archiveOf({ name: 'fifo', type: 'fifo' }, { name: 'file', content: 'x' })]),
  )
  const { tree } = await context.files()
  expect(await tree.list('/')).toEqual(['file'])
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
  await expect(load(Readable.from([whole.subarray(0, 512)]))).rejects.toMatchObject({
    code: 'CONTEXT_UNREADABLE',
  })
  await expect(load(Readable.from([Buffer.from('no archive at all')]))).rejects.toMatchObject({
    code: 'CONTEXT_UNREADABLE',
  })
})
