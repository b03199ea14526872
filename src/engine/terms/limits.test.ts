import { expect, test } from 'vitest'
import type { HostConfig } from '../../api/types/index.ts'
import { termsOf } from './index.ts'
import { kernelLimits } from './limits.ts'
import { refusals, SMALL_MACHINE } from './refusals.test-support.ts'

const MIB = 1 << 20

test.each<[HostConfig, object]>([
  [{}, {}],
  [{ Memory: 0, NanoCpus: 0, CpuShares: 0, BlkioWeight: 0, CpusetCpus: '' }, {}],
  [
    { Memory: 64 * MIB, MemorySwap: -1 },
    { memory: 64 * MIB, memorySwap: -1 },
  ],
  [{ MemoryReservation: 8 * MIB }, { memoryReservation: 8 * MIB }],
  [{ MemorySwappiness: 0 }, { swappiness: 0 }],
  [{ MemorySwappiness: -1 }, {}],
  [{ OomKillDisable: true }, { oomKillDisable: true }],
  [
    { NanoCpus: 1.5e9, CpuShares: 512 },
    { nanoCpus: 1.5e9, cpuShares: 512 },
  ],
  [
    { CpuQuota: 50_000, CpuPeriod: 100_000 },
    { cpuQuota: 50_000, cpuPeriod: 100_000 },
  ],
  [
    { CpusetCpus: '0-1', CpusetMems: '0' },
    { cpusetCpus: '0-1', cpusetMems: '0' },
  ],
  [{ PidsLimit: 9 }, { pids: 9 }],
  [{ PidsLimit: 0 }, { pids: -1 }],
  [{ PidsLimit: -1 }, { pids: -1 }],
  [{ BlkioWeight: 300 }, { blkioWeight: 300 }],
])('%j', (host, limits) => {
  expect(termsOf({}, host).limits).toEqual(limits)
})

test('devices are known by path, and by number to the kernel', () => {
  const rate = [{ Path: '/dev/sda', Rate: 7 }]
  const host = {
    BlkioDeviceReadBps: rate,
    BlkioDeviceWriteBps: rate,
    BlkioDeviceReadIOps: rate,
    BlkioDeviceWriteIOps: rate,
    BlkioWeightDevice: [{ Path: '/dev/sdb', Weight: 9 }],
  }
  const { limits } = termsOf({}, { Memory: 64 * MIB, ...host })
  const numbersOf = (path: string) => ({ major: 8, minor: path === '/dev/sda' ? 0 : 16 })
  expect(kernelLimits(limits, numbersOf)).toEqual({
    memory: 64 * MIB,
    blkioDevices: [
      { kind: 'readBps', major: 8, minor: 0, rate: 7 },
      { kind: 'writeBps', major: 8, minor: 0, rate: 7 },
      { kind: 'readIops', major: 8, minor: 0, rate: 7 },
      { kind: 'writeIops', major: 8, minor: 0, rate: 7 },
      { kind: 'weight', major: 8, minor: 16, rate: 9 },
    ],
  })
})

test.each<[HostConfig, string]>([
  [{ Memory: 1 }, 'MEMORY_INVALID HostConfig.Memory'],
  [{ MemorySwap: 64 * MIB }, 'MEMORY_INVALID HostConfig.MemorySwap'],
  [{ Memory: 64 * MIB, MemorySwap: 32 * MIB }, 'MEMORY_INVALID HostConfig.MemorySwap'],
  [{ MemorySwap: -2 }, 'MEMORY_INVALID HostConfig.MemorySwap'],
  [{ MemoryReservation: 1 }, 'MEMORY_INVALID HostConfig.MemoryReservation'],
  [{ Memory: 8 * MIB, MemoryReservation: 9 * MIB }, 'MEMORY_INVALID HostConfig.MemoryReservation'],
  [{ MemorySwappiness: 101 }, 'MEMORY_INVALID HostConfig.MemorySwappiness'],
  [{ NanoCpus: 2.1e9 }, 'CPU_INVALID HostConfig.NanoCpus'],
  [{ NanoCpus: -1 }, 'CPU_INVALID HostConfig.NanoCpus'],
  [{ NanoCpus: 1e9, CpuQuota: 5000 }, 'CPU_INVALID HostConfig.NanoCpus'],
  [{ CpuPeriod: 999 }, 'CPU_INVALID HostConfig.CpuPeriod'],
  [{ CpuPeriod: 1_000_001 }, 'CPU_INVALID HostConfig.CpuPeriod'],
  [{ CpuQuota: 999 }, 'CPU_INVALID HostConfig.CpuQuota'],
  [{ CpusetCpus: '0-2' }, 'CPU_INVALID HostConfig.CpusetCpus'],
  [{ CpusetCpus: '1-0' }, 'CPU_INVALID HostConfig.CpusetCpus'],
  [{ CpusetMems: 'x' }, 'CPU_INVALID HostConfig.CpusetMems'],
  [{ BlkioWeight: 9 }, 'BLKIO_INVALID HostConfig.BlkioWeight'],
  [{ BlkioWeight: 1001 }, 'BLKIO_INVALID HostConfig.BlkioWeight'],
])('%j is refused', (host, refusal) => {
  expect(refusals({}, host)).toEqual([refusal])
})

test('a machine that does not say what is online takes every set', () => {
  expect(refusals({}, { CpusetMems: '7' }, { ...SMALL_MACHINE, online: () => undefined })).toEqual([])
})
