import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RecordingNative } from '../../native/recording.ts'
import { ContainerTable } from '../state/container-table.ts'
import { IdRanges } from './id-ranges.ts'
import { UserNamespaces } from './user-namespaces.ts'

let folder: string
const told: string[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsc-userns-'))
  told.length = 0
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function namespaces(run: () => never | Promise<object>, wanted = true): UserNamespaces {
  const at = (name: string): string => join(folder, name)
  return new UserNamespaces({
    native: new RecordingNative({ run }),
    ranges: new IdRanges({ folder: at('ids'), root: folder }),
    containers: new ContainerTable(),
    wanted,
    trial: { layer: folder, upper: at('trial/upper'), work: at('trial/work'), kernel: [6, 12] },
    warn: ({ code }) => told.push(code),
  })
}

test('a machine that refuses them is asked, and told of, once', async () => {
  let asked = 0
  const refusing = namespaces(() => {
    asked++
    throw new Error('no idmapped mounts')
  })
  const refusals = await Promise.all([refusing.refusal(), refusing.refusal()])
  for (const refusal of refusals)
    expect(refusal).toEqual({ reason: expect.stringContaining('no idmapped mounts'), ofMachine: true })
  expect([asked, told]).toEqual([1, ['USERNS_HOST']])
})

test('a machine that has them is told nothing of, nor one that was not asked', async () => {
  expect(await namespaces(async () => ({})).refusal()).toBeUndefined()
  expect(await namespaces(async () => ({}), false).refusal()).toMatchObject({ asked: true })
  expect(told).toEqual([])
})

test('those of groups without containers go, but for a few, and with the engine all', async () => {
  const table = namespaces(async () => ({}))
  for (let number = 0; number < 12; number++) await table.of(`project:${number}`)
  const claimed = (): string[] =>
    JSON.parse(readFileSync(join(folder, 'ids/ranges.json'), 'utf8')).claims.map(
      ({ group }: { group: string }) => group,
    )
  expect(claimed()).toHaveLength(12)
  await table.sweep()
  expect(claimed()).toEqual(Array.from({ length: 8 }, (_, index) => `project:${index + 4}`))
  await table.sweep({ all: true })
  expect(claimed()).toEqual([])
})
