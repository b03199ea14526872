import { existsSync, readFileSync, statSync } from 'node:fs'
import { expect } from 'vitest'
import { deviceNumbers } from '../../../src/engine/security/devices.ts'
import type { AttributeCase } from './case.ts'

/** Reads a value of the container's own group, in whichever hierarchy this machine has it. */
const group = (v1: string, v2: string): string =>
  `cat /sys/fs/cgroup/${v1} 2>/dev/null || cat /sys/fs/cgroup/${v2}`
const MEGABYTE = 1 << 20
/** Whether this machine mounts the v1 hierarchy of a controller, with that file in its groups. */
const hasV1 = (controller: string, file: string): boolean =>
  existsSync(`/sys/fs/cgroup/${controller}/${file}`)
const isV1 = hasV1('memory', 'cgroup.procs')

/** A disk of this machine, whose I/O can be held back: block devices with a driver of their own, no loops. */
function anyDisk(): { readonly path: string; readonly numbers: string } | undefined {
  const names = readFileSync('/proc/partitions', 'utf8').match(/\b(vd[a-z]|sd[a-z]|nvme\d+n\d+)$/gm) ?? []
  const path = names.map(name => `/dev/${name}`).find(each => existsSync(each))
  if (path === undefined) return undefined
  const { major, minor } = deviceNumbers(statSync(path).rdev)
  return { path, numbers: `${major}:${minor}` }
}

/** Memory, processor, processes. */
const PLAIN: readonly AttributeCase[] = [
  {
    service: 'memory',
    shows: ['mem_limit', 'memswap_limit', 'mem_reservation'],
    attributes: { mem_limit: '64m', memswap_limit: '96m', mem_reservation: '32m' },
    inside: {
      [group('memory/memory.limit_in_bytes', 'memory.max')]: `${64 * MEGABYTE}\n`,
      [group('memory/memory.soft_limit_in_bytes', 'memory.low')]: `${32 * MEGABYTE}\n`,
      // v1 counts memory and swap together, v2 swap alone.
      [group('memory/memory.memsw.limit_in_bytes', 'memory.swap.max')]: `${(isV1 ? 96 : 32) * MEGABYTE}\n`,
    },
  },
  {
    service: 'killed',
    shows: ['mem_limit'],
    attributes: { mem_limit: '16m', memswap_limit: '16m', command: ['tail', '/dev/zero'] },
    host: async ({ docker, inspect: { Id } }) => {
      await docker.getContainer(Id).wait()
      const { State } = await docker.getContainer(Id).inspect()
      expect(State).toMatchObject({ Status: 'exited', ExitCode: 137, OOMKilled: true })
    },
  },
  {
    service: 'swapping',
    shows: ['mem_swappiness', 'oom_kill_disable'],
    attributes: { mem_limit: '32m', mem_swappiness: 7, oom_kill_disable: true },
    inside: isV1
      ? {
          'cat /sys/fs/cgroup/memory/memory.swappiness': '7\n',
          'head -1 /sys/fs/cgroup/memory/memory.oom_control': 'oom_kill_disable 1\n',
        }
      : {},
  },
  {
    service: 'oom-score',
    shows: ['oom_score_adj'],
    attributes: { oom_score_adj: 321 },
    inside: { 'cat /proc/1/oom_score_adj': '321\n' },
  },
  {
    service: 'cpus',
    shows: ['cpus'],
    attributes: { cpus: 0.5 },
    inside: { [group('cpu/cpu.cfs_quota_us', 'cpu.max')]: isV1 ? '50000\n' : '50000 100000\n' },
  },
  {
    service: 'cpu',
    shows: ['cpu_shares', 'cpu_quota', 'cpu_period', 'cpuset'],
    attributes: { cpu_shares: 512, cpu_quota: 20000, cpu_period: 40000, cpuset: '0' },
    inside: isV1
      ? {
          'cd /sys/fs/cgroup/cpu; cat cpu.shares cpu.cfs_quota_us cpu.cfs_period_us': '512\n20000\n40000\n',
          'cat /sys/fs/cgroup/cpuset/cpuset.cpus; nproc': '0\n1\n',
        }
      : { 'cd /sys/fs/cgroup; cat cpu.weight cpu.max cpuset.cpus; nproc': /^\d+\n20000 40000\n0\n1\n$/ },
  },
  {
    service: 'real-time',
    shows: ['cpu_rt_period', 'cpu_rt_runtime'],
    attributes: { cpu_rt_period: 500000, cpu_rt_runtime: 1000 },
    // Few kernels share it out, and v2 none.
    ...(hasV1('cpu', 'cpu.rt_runtime_us')
      ? {
          inside: {
            'cd /sys/fs/cgroup/cpu; cat cpu.rt_runtime_us cpu.rt_period_us': '1000\n500000\n',
          },
        }
      : { warns: ['ENGINE_WARNING services.real-time: .*real-time'] }),
  },
  {
    service: 'pids',
    shows: ['pids_limit'],
    attributes: { pids_limit: 40 },
    inside: { [group('pids/pids.max', 'pids.max')]: '40\n' },
  },
  {
    service: 'deployed',
    shows: [
      'deploy.resources.limits.cpus',
      'deploy.resources.limits.memory',
      'deploy.resources.limits.pids',
      'deploy.resources.reservations.memory',
    ],
    attributes: {
      deploy: {
        resources: { limits: { cpus: '0.25', memory: '48m', pids: 41 }, reservations: { memory: '24m' } },
      },
    },
    inside: {
      [group('memory/memory.limit_in_bytes', 'memory.max')]: `${48 * MEGABYTE}\n`,
      [group('memory/memory.soft_limit_in_bytes', 'memory.low')]: `${24 * MEGABYTE}\n`,
      [group('pids/pids.max', 'pids.max')]: '41\n',
      [group('cpu/cpu.cfs_quota_us', 'cpu.max')]: isV1 ? '25000\n' : '25000 100000\n',
    },
  },
  {
    service: 'shm',
    shows: ['shm_size'],
    attributes: { shm_size: '2m' },
    inside: { 'df -k /dev/shm | awk "END{print \\$2}"': '2048\n' },
  },
]

/** Limits of one disk, where there is one. */
function blockIo(): AttributeCase {
  const shows = ['device_read_bps', 'device_read_iops', 'device_write_bps', 'device_write_iops'].flatMap(
    name => [`blkio_config.${name}.path`, `blkio_config.${name}.rate`],
  )
  const disk = anyDisk()
  const rate = (value: string | number): unknown => [{ path: disk?.path, rate: value }]
  return {
    service: 'disk',
    shows: [...shows, 'blkio_config.weight'],
    // Few I/O schedulers have weights: whoever asks for one where there is none hears of it.
    ...(disk !== undefined && isV1 && !hasV1('blkio', 'blkio.weight')
      ? { warns: ['ENGINE_WARNING services.disk: .*block I/O weight is not kept'] }
      : {}),
    attributes:
      disk === undefined
        ? {}
        : {
            blkio_config: {
              weight: 300,
              device_read_bps: rate('1mb'),
              device_read_iops: rate(101),
              device_write_bps: rate('2mb'),
              device_write_iops: rate(102),
            },
          },
    inside:
      disk === undefined
        ? {}
        : isV1
          ? {
              'cd /sys/fs/cgroup/blkio; cat blkio.throttle.read_bps_device blkio.throttle.read_iops_device': `${disk.numbers} 1048576\n${disk.numbers} 101\n`,
              'cd /sys/fs/cgroup/blkio; cat blkio.throttle.write_bps_device blkio.throttle.write_iops_device': `${disk.numbers} 2097152\n${disk.numbers} 102\n`,
            }
          : {
              'cat /sys/fs/cgroup/io.max': `${disk.numbers} rbps=1048576 wbps=2097152 riops=101 wiops=102\n`,
            },
  }
}

export const LIMITS: readonly AttributeCase[] = [...PLAIN, blockIo()]
