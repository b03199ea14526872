import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Diagnostic } from '../../diagnostics/index.ts'
import { digestOf } from '../../oci/digest-of.ts'
import type { ImageConfig } from '../config.ts'
import { openImageStore } from '../open.ts'
import { FakeTrees, makeScratch, type Scratch } from '../testing/fakes.ts'
import type { ImageSource } from './source.ts'
import type { ImageStore, ImageStoreOptions } from './types.ts'

let scratch: Scratch
beforeEach(async () => {
  scratch = await makeScratch()
})
afterEach(() => scratch.remove())

const open = (options: Partial<ImageStoreOptions> = {}): Promise<ImageStore> =>
  openImageStore({ root: join(scratch.folder, 'images'), sources: [], ...options })

async function makeLayer(store: ImageStore, content: string): Promise<string> {
  const lease = await store.lease()
  const draft = await lease.draft()
  const file = join(draft.upper, 'file')
  await writeFile(file, content)
  await utimes(file, 1, 1)
  const info = await draft.commit()
  await lease.end()
  return info?.diffId ?? ''
}

function configOf(diffIds: readonly string[], created = '2026-01-01T00:00:00Z'): ImageConfig {
  return {
    architecture: 'amd64',
    os: 'linux',
    created,
    config: { Cmd: ['x'] },
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: [],
  }
}

/** A layer of this content and an image on it, in one lease, as a build does it. */
async function makeImage(store: ImageStore, content: string, ...tags: string[]): Promise<string> {
  const lease = await store.lease()
  try {
    const diffId = await makeLayer(store, content)
    return (await store.addImage(configOf([diffId]), tags)).id
  } finally {
    await lease.end()
  }
}

const code = (expected: string): unknown => expect.objectContaining({ code: expected })

test('an image is found by tag, id and prefix, by a store that is opened later', async () => {
  const id = await makeImage(await open(), 'a', 'web:1', 'localhost:5000/web')
  const store = await open()
  for (const name of [
    'web:1',
    'docker.io/library/web:1',
    'localhost:5000/web',
    id,
    id.slice(7),
    id.slice(7, 19),
  ]) {
    expect((await store.resolve(name))?.id).toBe(id)
  }
  expect(await store.resolve('web')).toBeUndefined()
  expect((await store.inspect(id)).repoTags.toSorted()).toEqual(['localhost:5000/web:latest', 'web:1'])
  await expect(store.inspect('nothing')).rejects.toEqual(code('IMAGE_NOT_FOUND'))
})

test('a layer is named after its content alone, and the same content is one layer', async () => {
  const store = await open()
  expect(await makeLayer(store, 'a')).toBe(
    await makeLayer(await open({ root: join(scratch.folder, 'b') }), 'a'),
  )
  expect(await makeLayer(store, 'b')).not.toBe(await makeLayer(store, 'a'))
})

test('an empty layer is none', async () => {
  const lease = await (await open()).lease()
  expect(await (await lease.draft()).commit()).toBeUndefined()
  await lease.end()
})

test('layers come top first, and an image without layers still has a folder', async () => {
  const store = await open()
  const lease = await store.lease()
  const [below, above] = [await makeLayer(store, 'below'), await makeLayer(store, 'above')]
  const { id } = await store.addImage(configOf([below, above]))
  const bare = await store.addImage(configOf([]))
  await lease.end()
  const [top] = await store.layersOf(id)
  expect(await readFile(join(top ?? '', 'file'), 'utf8')).toBe('above')
  expect(await readdir((await store.layersOf(bare.id))[0] ?? '')).toEqual([])
})

test('a layer that is in an image twice is mounted once, where it is uppermost', async () => {
  const store = await open()
  const lease = await store.lease()
  const [a, b] = [await makeLayer(store, 'a'), await makeLayer(store, 'b')]
  const { id } = await store.addImage(configOf([a, b, a]))
  await lease.end()
  const folders = await store.layersOf(id)
  expect(await Promise.all(folders.map(folder => readFile(join(folder, 'file'), 'utf8')))).toEqual(['a', 'b'])
})

test('nobody but the owner reaches into the store, and the root of a layer is open inside', async () => {
  const store = await open()
  await makeImage(store, 'a', 'x')
  expect((await stat(store.root)).mode & 0o777).toBe(0o700)
  expect((await stat((await store.layersOf('x'))[0] ?? '')).mode & 0o777).toBe(0o755)
})

test('a tag moves, and the image that lost it stays', async () => {
  const store = await open()
  const [a, b] = [await makeImage(store, 'a', 'x'), await makeImage(store, 'b')]
  await store.tag(b, 'x')
  expect((await store.inspect('x')).id).toBe(b)
  expect((await store.inspect(a)).repoTags).toEqual([])
})

test('a name means an image by tag, id and prefix, until the tag is taken off or moves', async () => {
  const store = await open()
  const [one, two] = [await makeImage(store, 'a', 'web:1', 'web:2'), await makeImage(store, 'b', 'other')]
  const before = await store.naming()
  const named = ['web:1', 'docker.io/library/web:2', one, one.slice(7, 19)]
  expect(named.map(name => before(name, one))).toEqual([true, true, true, true])
  expect(named.map(name => before(name, two))).toEqual([false, false, false, false])
  await store.remove('web:1')
  await store.tag('other', 'web:2')
  const after = await store.naming()
  expect(named.map(name => after(name, one))).toEqual([false, false, true, true])
  expect(after('web:2', two)).toBe(true)
  expect(['NO NAME', '', 'sha256:'].map(name => after(name, one))).toEqual([false, false, false])
})

test('a name takes its tag off, the last one takes the image and its layers along', async () => {
  const store = await open()
  const id = await makeImage(store, 'a', 'x:1', 'x:2')
  const { diffIds } = await store.inspect(id)
  expect(await store.remove('x:1')).toEqual([{ untagged: 'x:1' }])
  expect(await store.remove('x:2')).toEqual([{ untagged: 'x:2' }, { deleted: id }, { deleted: diffIds[0] }])
  expect(await readdir(join(store.root, 'layers'))).toEqual([])
})

test('a layer stays as long as another image has it', async () => {
  const store = await open()
  const lease = await store.lease()
  const diffId = await makeLayer(store, 'a')
  await store.addImage(configOf([diffId]), ['x'])
  await store.addImage(configOf([diffId], '2026-01-02T00:00:00Z'), ['y'])
  await lease.end()
  await store.remove('x')
  expect(await store.layersOf('y')).toHaveLength(1)
})

test('an id with several tags is removed by force alone', async () => {
  const store = await open()
  const id = await makeImage(store, 'a', 'x:1', 'x:2')
  await expect(store.remove(id)).rejects.toEqual(code('IMAGE_HAS_TAGS'))
  expect(await store.remove(id, { force: true })).toContainEqual({ deleted: id })
})

test('what a container uses stays: a running one always, a stopped one but for force', async () => {
  let users = [{ containerId: 'c'.repeat(64), running: true }]
  const store = await open({ usersOf: () => users })
  const id = await makeImage(store, 'a', 'x')
  await expect(store.remove('x')).rejects.toEqual(code('IMAGE_IN_USE'))
  await expect(store.remove(id, { force: true })).rejects.toEqual(code('IMAGE_IN_USE'))
  expect(await store.remove('x', { force: true })).toEqual([{ untagged: 'x:latest' }])
  users = [{ containerId: 'c'.repeat(64), running: false }]
  await expect(store.remove(id)).rejects.toEqual(code('IMAGE_IN_USE'))
  expect(await store.remove(id, { force: true })).toEqual([{ deleted: id }])
  expect(await store.list()).toEqual([])
})

test('an image that is removed from under a stopped container lasts as long as that', async () => {
  let users = [{ containerId: 'c'.repeat(64), running: false }]
  const store = await open({ usersOf: () => users })
  const id = await makeImage(store, 'a', 'x')
  await store.remove('x', { force: true })
  expect([await store.resolve('x'), await store.resolve(id.slice(7, 19))]).toEqual([undefined, undefined])
  expect(await store.layersOf(id)).toHaveLength(1)
  expect(await (await open({ usersOf: () => users })).layersOf(id)).toHaveLength(1)
  users = []
  await store.prune()
  expect(await readdir(join(store.root, 'layers'))).toEqual([])
  expect(await readdir(join(store.root, 'configs'))).toEqual([])
})

test('an image that was removed from under a container comes back whole', async () => {
  const store = await open({ usersOf: () => [{ containerId: 'c'.repeat(64), running: false }] })
  const id = await makeImage(store, 'a', 'x')
  await store.remove('x', { force: true })
  expect(await makeImage(store, 'a', 'x')).toBe(id)
  expect(await readdir(join(store.root, 'configs'))).toEqual([`${id.slice(7)}.json`])
})

test('whoever is about to use an image either has it, or does not find it, whenever it is removed', async () => {
  const held = new Set<string>()
  const store = await open({
    usersOf: id => (held.has(id) ? [{ containerId: 'c'.repeat(64), running: true }] : []),
  })
  const seen = { had: 0, missed: 0 }
  for (let round = 0; round < 30; round += 1) {
    const id = await makeImage(store, `content ${round}`, 'x')
    // So that each step of the one meets each step of the other.
    const use = later(round % 6, () => store.use('x', each => held.add(each)))
    const removal = later(Math.floor(round / 6), () => store.remove('x'))
    const [image, removed] = await Promise.allSettled([use, removal])
    if (image.status === 'fulfilled' && image.value !== undefined) {
      expect(removed).toMatchObject({ status: 'rejected', reason: { code: 'IMAGE_IN_USE' } })
      expect(await store.layersOf(id)).toHaveLength(1)
      seen.had += 1
    } else {
      expect(removed.status).toBe('fulfilled')
      seen.missed += 1
    }
    held.clear()
    await store.prune({ all: true })
  }
  expect(seen.had * seen.missed).toBeGreaterThan(0)
})

test('many who use an image at the same time have the same look at it, and hold it each; who comes later looks anew', async () => {
  const store = await open({})
  const id = await makeImage(store, 'a', 'x')
  const held: number[] = []
  const use = (user: number) => store.use('x', () => held.push(user))
  const images = await Promise.all(Array.from({ length: 20 }, (_, user) => use(user)))
  expect(images.map(image => image?.id)).toEqual(Array(20).fill(id))
  // The first begins its look at once; those behind it share the next.
  expect(new Set(images).size).toBeLessThanOrEqual(2)
  expect(held.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, user) => user))
  const [before, removed, after] = await Promise.all([use(20), store.remove('x'), use(21)])
  expect(before?.id).toBe(id)
  expect(removed).toBeDefined()
  expect(after?.id).toBe(id)
  expect(await use(22)).toBeUndefined()
})

async function later<T>(turns: number, work: () => Promise<T>): Promise<T> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate)
  return work()
}

test('nothing is collected while a lease is open, and all of it after', async () => {
  const store = await open()
  await makeImage(store, 'a', 'x')
  const lease = await store.lease()
  await store.remove('x')
  expect(await readdir(join(store.root, 'layers'))).toHaveLength(1)
  await lease.end()
  expect(await readdir(join(store.root, 'layers'))).toEqual([])
})

test('prune takes untagged images, or all of them', async () => {
  const store = await open()
  const id = await makeImage(store, 'aaaa')
  await makeImage(store, 'b', 'tagged')
  expect(await store.prune()).toMatchObject({ removals: [{ deleted: id }, {}], reclaimed: 4 })
  expect(await store.list()).toHaveLength(1)
  await store.prune({ all: true })
  expect(await store.list()).toEqual([])
})

test('layers that a pull which broke off has left stay for the next one, and go with a prune', async () => {
  const store = await open()
  await makeImage(store, 'a', 'x')
  const left = await makeLayer(store, 'left')
  await store.remove('x')
  expect(await readdir(join(store.root, 'layers'))).toEqual([left.slice(7)])
  expect((await store.usage()).layersSize).toBeGreaterThan(0)
  expect(await store.prune()).toEqual({ removals: [], reclaimed: 4 })
  expect(await readdir(join(store.root, 'layers'))).toEqual([])
})

test('prune takes only what matches', async () => {
  const store = await open()
  const [a] = [await makeImage(store, 'a'), await makeImage(store, 'b')]
  expect((await store.prune({ matches: ({ id }) => id === a })).removals).toContainEqual({ deleted: a })
  expect(await store.list()).toHaveLength(1)
})

test('usage counts each layer once, says what is shared, and what the cache alone keeps', async () => {
  const store = await open()
  const lease = await store.lease()
  const [both, own, cached] = ['both', 'own!!', 'cached'].map(text => makeLayer(store, text))
  const { id } = await store.addImage(configOf([await (both ?? ''), await (own ?? '')]), ['x'])
  const other = await store.addImage(configOf([await (both ?? '')], '2026-01-02T00:00:00Z'), ['y'])
  await lease.cache.write(digestOf('k'), {
    diffId: await (cached ?? ''),
    created: '2026-01-01T00:00:00Z',
    text: 'RUN x',
  })
  await lease.end()
  const usage = await store.usage()
  expect([usage.sharedSizes.get(id), usage.sharedSizes.get(other.id)]).toEqual([4, 4])
  expect(usage.cache).toMatchObject([{ size: 6, shared: false, entry: { text: 'RUN x' } }])
  await store.pruneCache()
  expect((await store.usage()).layersSize).toBe(usage.layersSize)
})

test('usage counts what is written of images, which is more than small layers', async () => {
  const store = await open()
  const lease = await store.lease()
  const layer = await makeLayer(store, 'small')
  await store.addImage(configOf([layer]), ['a'])
  const { layersSize } = await store.usage()
  for (const second of [1, 2, 3])
    await store.addImage(configOf([layer], `2026-01-01T00:00:0${second}Z`), [`b${second}`])
  const blocks = await Promise.all(
    ['configs', 'facts'].map(async folder => {
      const files = (await readdir(join(store.root, folder))).map(name =>
        stat(join(store.root, folder, name)),
      )
      return (await Promise.all(files)).map(file => file.blocks * 512)
    }),
  )
  const written = blocks.flat().reduce((sum, size) => sum + size, 0)
  expect(written).toBeGreaterThan(0)
  expect((await store.usage()).layersSize - layersSize).toBeCloseTo((written * 3) / 4, -1)
  await lease.end()
})

test('the layer of a cached step stays until the cache goes', async () => {
  const store = await open()
  const lease = await store.lease()
  const diffId = await makeLayer(store, 'abc')
  await lease.cache.write(digestOf('key'), { diffId, created: '2026-01-01T00:00:00Z', text: 'RUN x' })
  await lease.end()
  await store.prune({ all: true })
  expect(await readdir(join(store.root, 'layers'))).toHaveLength(1)
  expect(await store.pruneCache()).toEqual({ deleted: [digestOf('key')], reclaimed: 3 })
  expect(await readdir(join(store.root, 'layers'))).toEqual([])
})

test('a layer whose files were changed is told by verify', async () => {
  const store = await open()
  await makeImage(store, 'a', 'x')
  expect(await store.verify('x')).toMatchObject([{ intact: true }])
  const [layer] = await store.layersOf('x')
  await writeFile(join(layer ?? '', 'file'), 'b')
  expect(await store.verify('x')).toMatchObject([{ intact: false }])
})

test('what a dead process left half-made goes at the next open; what a living one makes stays', async () => {
  const store = await open()
  const lease = await store.lease()
  const draft = await lease.draft()
  await mkdir(join(store.root, 'tmp', '4194304-1-abc'))
  await open()
  expect(await readdir(join(store.root, 'tmp'))).toEqual([draft.folder.split('/').at(-1)])
  await lease.end()
})

test('an image that gets the names it has already leaves the table of names alone', async () => {
  const store = await open()
  const id = await makeImage(store, 'a', 'x')
  const table = (): Promise<number> => stat(join(store.root, 'references.json')).then(({ ino }) => ino)
  const before = await table()
  expect(await makeImage(store, 'a', 'x')).toBe(id)
  expect(await table()).toBe(before)
  await makeImage(store, 'a', 'x', 'y')
  expect(await table()).not.toBe(before)
})

test('a broken file is set aside and reported, and the rest works', async () => {
  const warnings: Diagnostic[] = []
  const store = await open()
  const id = await makeImage(store, 'a', 'x')
  await writeFile(join(store.root, 'references.json'), '{"referen')
  const again = await open({ onWarning: warning => warnings.push(warning) })
  expect((await again.inspect(id)).repoTags).toEqual([])
  await writeFile(join(store.root, 'configs', `${id.slice(7)}.json`), '{}')
  expect(await (await open({ onWarning: warning => warnings.push(warning) })).list()).toEqual([])
  expect(warnings.map(warning => warning.code)).toEqual(['IMAGE_RECORD_BROKEN', 'IMAGE_RECORD_BROKEN'])
})

test('a layer that was taken away is named', async () => {
  const store = await open()
  const id = await makeImage(store, 'a', 'x')
  await rm(join(store.root, 'layers'), { recursive: true })
  await expect((await open()).layersOf(id)).rejects.toEqual(code('LAYER_MISSING'))
})

/** As if the machine had crashed since: what a layer's record says is of another boot. */
async function crashMachine(store: ImageStore, diffId: string): Promise<void> {
  const path = join(store.root, 'layers', diffId.slice('sha256:'.length), 'layer.json')
  const record = JSON.parse(await readFile(path, 'utf8')) as object
  if ('unsettledIn' in record) await writeFile(path, JSON.stringify({ ...record, unsettledIn: 'another' }))
}

test('an image is named when the disk has its layers, which outlive a crash of the machine then', async () => {
  const trees = new FakeTrees()
  const store = await open({ trees })
  const lease = await store.lease()
  const diffIds = [await makeLayer(store, 'a'), await makeLayer(store, 'b')]
  expect(trees.synced).toEqual([])
  const { id } = await store.addImage(configOf(diffIds), ['x'])
  await lease.end()
  const times = trees.synced.length
  expect(times).toBeGreaterThan(0)
  for (const diffId of diffIds) await crashMachine(store, diffId)
  const after = await open({ trees })
  expect(await after.layersOf('x')).toHaveLength(2)
  await after.addImage(configOf(diffIds, '2026-02-02T00:00:00Z'), ['y'])
  expect(trees.synced).toHaveLength(times)
  expect((await after.inspect('x')).id).toBe(id)
})

test('a layer that nothing has named yet is not there after a crash of the machine, and can be made again', async () => {
  const store = await open()
  const diffId = await makeLayer(store, 'a')
  const known = async (of: ImageStore): Promise<boolean> => {
    const lease = await of.lease()
    const info = await lease.layerInfo(diffId)
    await lease.end()
    return info !== undefined
  }
  expect(await known(await open())).toBe(true)
  await crashMachine(store, diffId)
  const after = await open()
  expect(await known(after)).toBe(false)
  await expect(after.addImage(configOf([diffId]))).rejects.toEqual(code('LAYER_MISSING'))
  await makeImage(after, 'a', 'x')
  expect(await (await open()).layersOf('x')).toHaveLength(1)
})

test('many tags at once all arrive', async () => {
  const store = await open()
  const id = await makeImage(store, 'a')
  const names = Array.from({ length: 20 }, (_, index) => `x:${index}`)
  await Promise.all(names.map(name => store.tag(id, name)))
  expect((await store.inspect(id)).repoTags.toSorted()).toEqual(names.toSorted())
})

/** A source that counts how often it is asked, and answers when it is told to. */
function slowSource(): ImageSource & { asked: number; answer: () => void } {
  let answer = (): void => undefined
  const told = new Promise<void>(resolve => {
    answer = resolve
  })
  return {
    name: 'slow',
    asked: 0,
    answer: () => answer(),
    async fetch() {
      this.asked += 1
      await told
      return { config: configOf([]) }
    },
  }
}

test('ensure asks the sources in order, once for all who wait', async () => {
  const slow = slowSource()
  const store = await open({
    sources: [{ name: 'no', fetch: async () => ({ unavailable: 'closed' }) }, slow],
  })
  const both = Promise.all([store.ensure('x'), store.ensure('docker.io/library/x:latest')])
  slow.answer()
  const [a, b] = await both
  expect([a.id, a.repoTags]).toEqual([b.id, ['x:latest']])
  expect((await store.ensure('x')).id).toBe(a.id)
  expect(slow.asked).toBe(1)
})

test('ensure says what was tried', async () => {
  const store = await open({ sources: [{ name: 'no', fetch: async () => ({ unavailable: 'closed' }) }] })
  await expect(store.ensure('x')).rejects.toMatchObject({
    code: 'IMAGE_NOT_FOUND',
    diagnostics: [{ detail: expect.stringContaining('no: closed') }],
  })
  await expect(store.ensure('x', { policy: 'never' })).rejects.toEqual(code('IMAGE_NOT_FOUND'))
})

test('one who gives up does not stop the others', async () => {
  const slow = slowSource()
  const store = await open({ sources: [slow] })
  const abort = new AbortController()
  const impatient = store.ensure('x', { signal: abort.signal })
  const patient = store.ensure('x')
  abort.abort(new Error('gave up'))
  await expect(impatient).rejects.toThrow('gave up')
  slow.answer()
  expect((await patient).repoTags).toEqual(['x:latest'])
})

test('one who comes when the last has given up does not wait for what is being given up', async () => {
  let asked = 0
  const source: ImageSource = {
    name: 'unhurried',
    fetch: async () => {
      asked += 1
      // The first never ends, however it is aborted.
      if (asked === 1) await new Promise(() => undefined)
      return { config: configOf([]) }
    },
  }
  const store = await open({ sources: [source] })
  const abort = new AbortController()
  const impatient = store.ensure('x', { signal: abort.signal })
  await vi.waitFor(() => expect(asked).toBe(1))
  abort.abort(new Error('gave up'))
  await expect(impatient).rejects.toThrow('gave up')
  expect((await store.ensure('x')).repoTags).toEqual(['x:latest'])
  expect(asked).toBe(2)
})
