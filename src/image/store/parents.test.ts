import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openImageStore } from '../open.ts'
import { makeScratch, type Scratch } from '../testing/fakes.ts'
import type { ImageStore } from './types.ts'

let scratch: Scratch
let store: ImageStore
/** Images that a container is made of. */
let used: string[]
beforeEach(async () => {
  scratch = await makeScratch()
  used = []
  const usersOf = (id: string): { containerId: string; running: boolean }[] =>
    used.includes(id) ? [{ containerId: 'c'.repeat(64), running: false }] : []
  store = await openImageStore({ root: join(scratch.folder, 'images'), sources: [], usersOf })
})
afterEach(() => scratch.remove())

/** An image without layers, committed from another one or from none. */
async function make(created: number, references: readonly string[], parent?: string): Promise<string> {
  const rootfs = { type: 'layers' as const, diff_ids: [] }
  const time = new Date(created * 1000).toISOString()
  const config = { architecture: 'amd64', os: 'linux', created: time, config: {}, rootfs, history: [] }
  return (await store.addImage(config, references, undefined, [], parent)).id
}

const ids = async (): Promise<string[]> => (await store.list()).map(({ id }) => id)
const refused = (code: string): unknown => expect.objectContaining({ code })

test('what another was committed from loses its names alone, and goes with the last of those', async () => {
  const base = await make(1, ['base'])
  const [one, two] = [await make(2, ['one'], base), await make(3, ['two'], base)]
  await expect(store.remove(base)).rejects.toEqual(refused('IMAGE_HAS_CHILDREN'))
  await expect(store.remove(base, { force: true })).rejects.toEqual(refused('IMAGE_HAS_CHILDREN'))
  expect(await store.remove('base')).toEqual([{ untagged: 'base:latest' }])
  expect(await store.remove('one')).toEqual([{ untagged: 'one:latest' }, { deleted: one }])
  expect(await ids()).toEqual([two, base])
  const removals = await store.remove('two')
  expect(removals).toEqual([{ untagged: 'two:latest' }, { deleted: two }, { deleted: base }])
})

test('a row of commits goes whole, as far as nobody names or uses it, and not where it is to be kept', async () => {
  const base = await make(1, ['base'])
  const middle = await make(2, [], base)
  const kept = await make(3, ['kept'], middle)
  const last = await make(4, [], kept)
  expect(await store.remove(last)).toEqual([{ deleted: last }])
  expect(await store.remove('kept', { keepParents: true })).toEqual([
    { untagged: 'kept:latest' },
    { deleted: kept },
  ])
  const again = await make(5, ['again'], middle)
  used = [middle]
  await store.remove('again')
  expect(await ids()).toEqual([middle, base])
  used = []
  await make(5, ['again'], middle)
  expect((await store.remove('again')).slice(1)).toEqual([{ deleted: again }, { deleted: middle }])
  expect(await ids()).toEqual([base])
})

test('a prune takes images behind those that were committed from them, and leaves what such a one needs', async () => {
  const base = await make(1, [])
  const used1 = await make(2, ['used'], base)
  const [other, of] = [await make(3, ['other']), await make(4, [])]
  used = [used1]
  const dangling = await make(5, [], other)
  expect((await store.prune()).removals).toEqual([{ deleted: dangling }, { deleted: of }])
  expect(await ids()).toEqual([other, used1, base])
  used = []
  await store.prune({ all: true })
  expect(await ids()).toEqual([])
})
