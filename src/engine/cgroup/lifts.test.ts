import { expect, test } from 'vitest'
import { ANY_LIMITS, limitLifts } from './lifts.ts'
import type { Limits } from './limits.ts'

const ALL: Limits = {
  memory: 1,
  nanoCpus: 5e8,
  cpuShares: 5,
  cpusetCpus: '0',
  blkioDevices: [{ kind: 'readBps', major: 8, minor: 0, rate: 5 }],
}

const written = (version: 1 | 2, before: Limits, limits: Limits): string[] =>
  limitLifts(version, before, limits, (_, file) => `above: ${file}`).map(
    ({ file, value }) => `${file} ${value}`,
  )

test('a limit that is kept, or becomes another, is not lifted', () => {
  for (const version of [1, 2] as const) expect(written(version, ALL, { ...ALL, memory: 2 })).toEqual([])
})

test('what is gone is lifted in the older layout, memory and swap before memory', () => {
  expect(written(1, ALL, {})).toEqual([
    'memory.memsw.limit_in_bytes -1',
    'memory.limit_in_bytes -1',
    'cpu.cfs_quota_us -1',
    'cpu.shares 1024',
    'cpuset.cpus above: cpuset.cpus',
    'blkio.throttle.read_bps_device 8:0 0',
  ])
})

test('and in the newer one', () => {
  expect(written(2, ALL, {})).toEqual([
    'memory.max max',
    'memory.swap.max max',
    'cpu.max max 100000',
    'cpu.weight 100',
    'cpuset.cpus above: cpuset.cpus.effective',
    'io.max 8:0 rbps=max',
  ])
})

test('where nobody knows what there was, all that is not asked for is lifted', () => {
  // With a limit of memory goes one of swap.
  expect(written(2, ANY_LIMITS, { memory: 5 }).filter(each => each.startsWith('memory.'))).toEqual([
    'memory.low 0',
  ])
  expect(written(2, ANY_LIMITS, {})).toContain('memory.max max')
})
