import { describe, expect, test } from 'vitest'
import type { ContainerStats } from '../api/types/index.ts'
import { usageOf } from './usage.ts'

const cpu = (total: number, system: number): ContainerStats['cpu_stats'] => ({
  cpu_usage: { total_usage: total, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  system_cpu_usage: system,
  online_cpus: 2,
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
})
const traffic = { rx_packets: 1, rx_errors: 0, rx_dropped: 0, tx_packets: 1, tx_errors: 0, tx_dropped: 0 }
const SAMPLE: ContainerStats = {
  id: 'abc',
  name: '/shop-web-1',
  read: '',
  preread: '',
  num_procs: 0,
  storage_stats: {},
  pids_stats: { current: 3 },
  cpu_stats: cpu(1_500_000_000, 12_000_000_000),
  precpu_stats: cpu(0, 0),
  memory_stats: { usage: 1000, limit: 64_000, stats: { inactive_file: 100 } },
  blkio_stats: {
    io_service_bytes_recursive: [
      { major: 8, minor: 0, op: 'read', value: 10 },
      { major: 8, minor: 0, op: 'Write', value: 20 },
      { major: 8, minor: 16, op: 'Read', value: 5 },
    ],
    io_serviced_recursive: null,
  },
  networks: {
    eth0: { ...traffic, rx_bytes: 1, tx_bytes: 2 },
    eth1: { ...traffic, rx_bytes: 10, tx_bytes: 20 },
  },
}

describe('what a sample says', () => {
  test('is told in the reckoning of Docker', () => {
    const before = { ...SAMPLE, cpu_stats: cpu(1_000_000_000, 10_000_000_000) }
    expect(usageOf(SAMPLE, before, 'web')).toEqual({
      id: 'abc',
      name: 'shop-web-1',
      service: 'web',
      // Half a second of two processors' one: half of one.
      cpu: 50,
      memory: 900,
      memoryLimit: 64_000,
      received: 11,
      sent: 22,
      blockRead: 15,
      blockWritten: 20,
      pids: 3,
    })
  })

  test('of control groups of version 1 has the cache of the groups below, too', () => {
    const stats = { inactive_file: 1, total_inactive_file: 400 }
    const memory = { ...SAMPLE.memory_stats, stats }
    expect(usageOf({ ...SAMPLE, memory_stats: memory }, undefined, '')).toMatchObject({ memory: 600, cpu: 0 })
  })

  test('a cache that is larger than the use is not taken off it', () => {
    const memory = { usage: 100, limit: 1000, stats: { inactive_file: 200 } }
    expect(usageOf({ ...SAMPLE, memory_stats: memory }, undefined, '').memory).toBe(100)
  })

  test('of a container that was started anew in between has no share below none', () => {
    const before = { ...SAMPLE, cpu_stats: cpu(9_000_000_000, 10_000_000_000) }
    expect(usageOf(SAMPLE, before, '').cpu).toBe(0)
  })
})
