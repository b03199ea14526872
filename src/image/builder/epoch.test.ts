import { lstatSync, lutimesSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { type Lab, makeLab } from '../testing/fakes.ts'
import type { BuildOptions } from './options.ts'

const labs: Lab[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const lab of labs.splice(0)) await lab.remove()
})

const FILE = `FROM scratch
LABEL a=b
COPY app /srv/app
ADD old /old
RUN write /made/by some command
WORKDIR /work/inner
CMD ["x"]`
const EPOCH = 1_000_000_000

/** Builds on a machine whose clock stands at `now`, in seconds: what a command writes has that time. */
async function build(now: number, args: Readonly<Record<string, string>> | undefined): Promise<string> {
  vi.useFakeTimers({ toFake: ['Date'], now: now * 1000 })
  const lab = await makeLab()
  labs.push(lab)
  const runner: BuildOptions['runner'] = {
    run: async request => {
      const ended = await lab.runner.run(request)
      touch(request.upper, now)
      return ended
    },
  }
  const trees: BuildOptions['trees'] = {
    copy: async request => {
      await lab.trees.copy(request)
      touch(request.upper, now)
    },
    unpack: (request, fill) => lab.trees.unpack(request, fill),
    sync: folder => lab.trees.sync(folder),
  }
  const { imageId } = await lab.build(FILE, {
    files: { 'app/index': 'hello', old: 'x' },
    runner,
    trees,
    ...(args === undefined ? {} : { args }),
  })
  return imageId
}

function touch(folder: string, seconds: number): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (lstatSync(path).isDirectory()) touch(path, seconds)
    lutimesSync(path, seconds, seconds)
  }
}

test('an image is the same whenever and wherever it is built, with an epoch', async () => {
  const args = { SOURCE_DATE_EPOCH: String(EPOCH) }
  const first = await build(1_700_000_000, args)
  expect(await build(1_800_000_000, args)).toBe(first)
  const { created, diffIds } = (await labs[0]?.store.inspect(first)) ?? {}
  expect(created).toBe('2001-09-09T01:46:40.000Z')
  expect(diffIds).toHaveLength(4)
  const config = Buffer.from((await labs[0]?.store.configBytes(first)) ?? []).toString()
  expect(config).not.toMatch(/20(?:2|3)\d-/)
})

test('without one, and with another one, it is another image', async () => {
  const first = await build(1_700_000_000, undefined)
  expect(await build(1_800_000_000, undefined)).not.toBe(first)
  const other = await build(1_700_000_000, { SOURCE_DATE_EPOCH: '5' })
  expect(other).not.toBe(await build(1_700_000_000, { SOURCE_DATE_EPOCH: '6' }))
})

test('what is older than the epoch keeps its time', async () => {
  const late = { SOURCE_DATE_EPOCH: '1900000000' }
  await build(1_700_000_000, late)
  const [lab] = labs
  const [layer = ''] = (await lab?.store.layersOf((await lab.store.list())[0]?.id ?? '')) ?? []
  expect(lstatSync(join(layer, 'work')).mtimeMs).toBe(1_700_000_000_000)
})

test('an epoch is no step of the store that was made without one', async () => {
  const lab = await makeLab()
  labs.push(lab)
  await lab.build(FILE, { files: { app: '', old: '' } })
  const args = { SOURCE_DATE_EPOCH: '5' }
  expect((await lab.build(FILE, { files: { app: '', old: '' }, args })).cached).toBe(false)
  expect((await lab.build(FILE, { files: { app: '', old: '' }, args })).cached).toBe(true)
  expect(lab.events.filter(({ type }) => type === 'warning')).toEqual([])
})

test.each(['x', '-1', '1.5', '999999999999999'])('no time is SOURCE_DATE_EPOCH=%s', async text => {
  await expect(build(1_700_000_000, { SOURCE_DATE_EPOCH: text })).rejects.toMatchObject({
    code: 'BUILD_EPOCH',
  })
})
