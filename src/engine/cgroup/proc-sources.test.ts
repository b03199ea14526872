import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PROC_SOURCES } from '../../native/index.ts'
import { procSources } from './proc-sources.ts'

test('sources have their order from the server', () => {
  const header = readFileSync('native/procfs/config.h', 'utf8')
  const [, list = ''] = /enum source \{([^}]*)\}/.exec(header) ?? []
  const names = [...list.matchAll(/\w+/g)].map(([name]) => name)
  const spelled = PROC_SOURCES.map(name => name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase())
  expect(names).toEqual([...spelled, 'SOURCE_COUNT'])
})

test('on v1 each number is in the hierarchy of its controller, and what is not mounted is absent', () => {
  const v1 = { memory: '/cg/memory/a', 'cpu,cpuacct': '/cg/cpu/a' }
  expect(procSources(1, { v1, unified: '/cg/unified/a' })).toEqual({
    hostMemory: '/proc/meminfo',
    hostStat: '/proc/stat',
    hostProcessors: '/proc/cpuinfo',
    hostDisks: '/proc/diskstats',
    hostSwaps: '/proc/swaps',
    memoryLimit: '/cg/memory/a/memory.limit_in_bytes',
    memoryUsage: '/cg/memory/a/memory.usage_in_bytes',
    memoryStat: '/cg/memory/a/memory.stat',
    swapLimit: '/cg/memory/a/memory.memsw.limit_in_bytes',
    swapUsage: '/cg/memory/a/memory.memsw.usage_in_bytes',
    cpuQuota: '/cg/cpu/a/cpu.cfs_quota_us',
    cpuPeriod: '/cg/cpu/a/cpu.cfs_period_us',
    cpuStat: '/cg/cpu/a/cpuacct.stat',
  })
})

test('on v2 all are in one folder, those of a shared budget in another', () => {
  const sources = procSources(2, { v1: {}, unified: '/cg/p/a' }, { v1: {}, unified: '/cg/p' })
  expect(sources).toMatchObject({
    memoryLimit: '/cg/p/a/memory.max',
    cpuMax: '/cg/p/a/cpu.max',
    cpuSet: '/cg/p/a/cpuset.cpus.effective',
    ioStat: '/cg/p/a/io.stat',
    budgetMemoryLimit: '/cg/p/memory.max',
    budgetMemoryUsage: '/cg/p/memory.current',
    budgetCpuMax: '/cg/p/cpu.max',
  })
})
