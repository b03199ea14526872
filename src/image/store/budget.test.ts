import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openImageStore } from '../open.ts'
import { makeScratch, type Scratch } from '../testing/fakes.ts'
import type { BudgetOptions, ImageStore, ImageStoreOptions } from './types.ts'

const SIZE = 200_000
const HOUR = 3_600_000
let scratch: Scratch
beforeEach(async () => {
  scratch = await makeScratch()
})
afterEach(() => scratch.remove())

interface Lab {
  readonly store: ImageStore
  readonly freed: string[]
}

async function open(bytes: number, options: Partial<BudgetOptions & ImageStoreOptions> = {}): Promise<Lab> {
  const freed: string[] = []
  const store = await openImageStore({
    root: join(scratch.folder, 'images'),
    sources: [],
    ...options,
    budget: {
      bytes,
      keeps: options.keeps ?? (() => false),
      onFreed: ({ image }) => freed.push(...image.repoTags),
    },
  })
  return { store, freed }
}

/** An image of one layer of that many bytes, which was used last so many hours ago; its id. */
async function makeImage({ store }: Lab, tag: string, hours: number, key?: string): Promise<string> {
  const lease = await store.lease()
  const draft = await lease.draft()
  await mkdir(join(draft.upper, tag))
  await writeFile(join(draft.upper, tag, 'file'), Buffer.alloc(SIZE, tag))
  const { diffId = '' } = (await draft.commit()) ?? {}
  const { id } = await store.addImage(
    {
      ...{ architecture: 'amd64', os: 'linux', created: '2026-01-01T00:00:00Z', config: { Cmd: [tag] } },
      ...{ rootfs: { type: 'layers', diff_ids: [diffId] }, history: [] },
    },
    [tag],
  )
  if (key !== undefined) await lease.cache.write(key, { diffId, created: '', text: tag })
  await used(store, 'facts', id, hours)
  if (key !== undefined) await used(store, 'cache', key, hours)
  await lease.end()
  return id
}

async function used(store: ImageStore, folder: string, digest: string, hours: number): Promise<void> {
  const then = new Date(Date.now() - hours * HOUR)
  await utimes(join(store.root, folder, `${digest.slice('sha256:'.length)}.json`), then, then)
}

const tagsOf = async ({ store }: Lab): Promise<string[]> =>
  (await store.list()).flatMap(({ repoTags }) => repoTags).toSorted()
const layersOf = ({ store }: Lab): Promise<string[]> => readdir(join(store.root, 'layers'))

test('images go that were used least recently, as many as must, and each is told', async () => {
  const lab = await open(3.5 * SIZE)
  await makeImage(lab, 'b', 2)
  await makeImage(lab, 'c', 1)
  await makeImage(lab, 'a', 3)
  expect(await tagsOf(lab)).toEqual(['a:latest', 'b:latest', 'c:latest'])
  await makeImage(lab, 'new', 0)
  await vi.waitFor(async () => expect(lab.freed).toEqual(['a:latest']))
  expect(await tagsOf(lab)).toEqual(['b:latest', 'c:latest', 'new:latest'])
  expect(await layersOf(lab)).toHaveLength(3)
})

test('what containers use, what is kept by its name and what has just come stays, though it is too much', async () => {
  const inUse = new Set<string>()
  const usersOf: ImageStoreOptions['usersOf'] = id =>
    inUse.has(id) ? [{ containerId: 'x', running: false }] : []
  const lab = await open(1, { usersOf, keeps: ({ repoTags }) => repoTags.includes('named:latest') })
  inUse.add(await makeImage(lab, 'used', 0))
  await used(lab.store, 'facts', [...inUse][0] ?? '', 9)
  await makeImage(lab, 'named', 9)
  await makeImage(lab, 'idle', 9)
  await vi.waitFor(() => expect(lab.freed).toEqual(['idle:latest']))
  await makeImage(lab, 'new', 0)
  await vi.waitFor(async () => expect(await layersOf(lab)).toHaveLength(3))
  expect(await tagsOf(lab)).toEqual(['named:latest', 'new:latest', 'used:latest'])
})

test('to be used makes an image young, and one that begins to be used meanwhile stays', async () => {
  const lab = await open(2.5 * SIZE)
  const old = await makeImage(lab, 'old', 9)
  await makeImage(lab, 'other', 3)
  await lab.store.use('old', () => undefined)
  const facts = join(lab.store.root, 'facts', `${old.slice('sha256:'.length)}.json`)
  expect(Date.now() - (await stat(facts)).mtimeMs).toBeLessThan(HOUR)
  await makeImage(lab, 'new', 0)
  await vi.waitFor(() => expect(lab.freed).toEqual(['other:latest']))
})

test('the steps that made an image go along, and further steps after the images', async () => {
  const key = (digit: string): string => `sha256:${digit.repeat(64)}`
  const lab = await open(1.5 * SIZE)
  await makeImage(lab, 'built', 5, key('1'))
  const lease = await lab.store.lease()
  const draft = await lease.draft()
  await writeFile(join(draft.upper, 'step'), Buffer.alloc(SIZE, 's'))
  const { diffId = '' } = (await draft.commit()) ?? {}
  await lease.cache.write(key('2'), { diffId, created: '', text: 'RUN' })
  await used(lab.store, 'cache', key('2'), 4)
  await lease.end()
  await vi.waitFor(async () => expect(await readdir(join(lab.store.root, 'cache'))).toHaveLength(1))
  await vi.waitFor(() => expect(lab.freed).toEqual(['built:latest']))
  await makeImage(lab, 'new', 0)
  await vi.waitFor(async () => expect(await readdir(join(lab.store.root, 'cache'))).toEqual([]))
  expect(await tagsOf(lab)).toEqual(['new:latest'])
  await vi.waitFor(async () => expect(await layersOf(lab)).toHaveLength(1))
})
