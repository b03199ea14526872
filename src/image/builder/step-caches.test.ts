import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CacheSource, CacheTarget } from '../step-cache/types.ts'
import { FakeTrees, type Lab, makeLab } from '../testing/fakes.ts'

let here: Lab
let there: Lab
beforeEach(async () => {
  here = await makeLab({ trees: new FakeTrees() })
  there = await makeLab({ trees: new FakeTrees() })
})
afterEach(async () => {
  await here.remove()
  await there.remove()
})

const FILE = `FROM scratch AS tool
RUN write /tool made
FROM scratch
COPY app /app
RUN say nothing
RUN write /own made
COPY --from=tool /tool /copied`

const folder = (): string => join(here.folder, 'cache')
const to = (mode: 'min' | 'max', tag?: string): CacheTarget => ({
  type: 'local',
  folder: folder(),
  mode,
  ...(tag === undefined ? {} : { tag }),
})
const from = (tag?: string): CacheSource => ({
  type: 'local',
  folder: folder(),
  ...(tag === undefined ? {} : { tag }),
})
const files = { app: 'hello' }
const commands = (lab: Lab): readonly string[] => lab.runner.requests.map(({ argv }) => argv.at(-1) ?? '')
const warnings = (lab: Lab): readonly string[] =>
  lab.events.flatMap(event => (event.type === 'warning' ? [event.code] : []))

test('with all steps of one machine another runs none, and has the same image', async () => {
  const built = await here.build(FILE, { files, cacheTo: [to('max')] })
  const again = await there.build(FILE, { files, cacheFrom: [from()] })
  expect(commands(there)).toEqual([])
  expect(again).toMatchObject({ imageId: built.imageId, cached: true })
  expect(await there.read(again.imageId, 'copied')).toBe('made')
  expect(await there.read(again.imageId, 'app')).toBe('hello')
})

test('min has the steps of the image, and not those of the stages it copies from', async () => {
  await here.build(FILE, { files, cacheTo: [to('min')] })
  await there.build(FILE, { files, cacheFrom: [from()] })
  expect(commands(there)).toEqual(['write /tool made'])
})

test('what differs runs, and what stands upon it', async () => {
  await here.build(FILE, { files, cacheTo: [to('max')] })
  const { imageId } = await there.build(FILE, { files: { app: 'other' }, cacheFrom: [from()] })
  expect(commands(there)).toEqual(['say nothing', 'write /own made'])
  expect(await there.read(imageId, 'app')).toBe('other')
})

test('nothing is asked where the store has made the steps itself, nor by a build without cache', async () => {
  const lost: CacheSource = { type: 'local', folder: '/nowhere' }
  await here.build(FILE, { files })
  await here.build(FILE, { files, cacheFrom: [lost] })
  expect(warnings(here)).toEqual([])
  await here.build(FILE, { files, cacheFrom: [lost], noCache: true })
  expect(warnings(here)).toEqual([])
  await here.build(FILE, { files: { app: 'other' }, cacheFrom: [lost] })
  expect(warnings(here)).toEqual(['BUILD_CACHE_IMPORT'])
})

test('tags of one folder stand beside each other, and layers are packed once', async () => {
  await here.build(FILE, { files, cacheTo: [to('max', 'a')] })
  const before = readdirSync(join(folder(), 'blobs/sha256'))
  await here.build(FILE, { files, cacheTo: [to('max', 'b')] })
  expect(readdirSync(join(folder(), 'blobs/sha256'))).toEqual(before)
  const { manifests } = JSON.parse(readFileSync(join(folder(), 'index.json'), 'utf8')) as {
    manifests: unknown[]
  }
  expect(manifests).toHaveLength(2)
  await there.build(FILE, { files, cacheFrom: [from('a')] })
  expect(commands(there)).toEqual([])
})

test('a layer with other bytes is not taken: its step runs', async () => {
  const built = await here.build(FILE, { files, cacheTo: [to('max')] })
  const blobs = join(folder(), 'blobs/sha256')
  const manifest = JSON.parse(readFileSync(join(folder(), 'index.json'), 'utf8')).manifests[0].digest
  const { layers } = JSON.parse(readFileSync(join(blobs, manifest.slice(7)), 'utf8'))
  for (const { digest } of layers) {
    const bytes = readFileSync(join(blobs, digest.slice(7)))
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 9) ^ 1, bytes.length - 9)
    writeFileSync(join(blobs, digest.slice(7)), bytes)
  }
  const again = await there.build(FILE, { files, cacheFrom: [from()] })
  expect(commands(there)).toEqual(expect.arrayContaining(['write /tool made', 'write /own made']))
  expect(warnings(there)).toContain('BUILD_CACHE_IMPORT')
  expect(await there.read(again.imageId, 'app')).toBe(await here.read(built.imageId, 'app'))
  expect(readdirSync(join(there.store.root, 'tmp'))).toEqual([])
})

test('layers of a cache that lies about which step made them have the digest it says, or are left', async () => {
  await here.build(FILE, { files, cacheTo: [to('max')] })
  const blobs = join(folder(), 'blobs/sha256')
  const index = join(folder(), 'index.json')
  for (const bad of [
    '',
    '{',
    '[]',
    '{"manifests":7}',
    '{"manifests":[{"digest":"sha256:../../x","size":1}]}',
  ]) {
    writeFileSync(index, bad)
    await there.build(`FROM scratch\nRUN write /x ${bad.length}`, { cacheFrom: [from()] })
    expect(warnings(there)).toEqual(['BUILD_CACHE_IMPORT'])
  }
  mkdirSync(join(blobs, 'x'))
})

test('a cache inline in an image is used from the image itself', async () => {
  const cacheTo: CacheTarget[] = [{ type: 'inline' }]
  const file = FILE.replace(/^.*tool.*\n?/gm, '')
  const built = await here.build(file, { files, cacheTo, tags: ['app:1'] })
  await here.store.pruneCache()
  const before = commands(here).length
  const again = await here.build(file, { files, cacheTo, cacheFrom: [{ type: 'image', reference: 'app:1' }] })
  expect(commands(here).slice(before)).toEqual([])
  expect(again.imageId).toBe(built.imageId)
})

test('what a writer that was killed has left in the folder goes with the next', async () => {
  mkdirSync(folder())
  for (const name of ['.half-0123', `.half-${'0'.repeat(8)}-1-1-0123`])
    writeFileSync(join(folder(), name), 'half')
  await here.build(FILE, { files, cacheTo: [to('max')] })
  expect(readdirSync(folder()).sort()).toEqual(['blobs', 'index.json', 'oci-layout'])
})

test('a cache that cannot be written fails the build, whose image stays, unless that is to be ignored', async () => {
  writeFileSync(join(here.folder, 'cache'), 'no folder')
  await expect(here.build(FILE, { files, tags: ['app:1'], cacheTo: [to('max')] })).rejects.toMatchObject({
    code: 'BUILD_CACHE_EXPORT',
  })
  await here.store.inspect('app:1')
  await here.build(FILE, { files, cacheTo: [{ ...to('max'), ignoreError: true } as CacheTarget] })
  expect(warnings(here)).toEqual(['BUILD_CACHE_EXPORT'])
})
