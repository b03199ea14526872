import { statSync } from 'node:fs'
import type { HostConfig, Resources, ThrottleDevice } from '../../api/types/index.ts'
import { failure, messageOf } from '../../diagnostics/index.ts'
import type { BlkioDeviceLimit, Limits } from '../cgroup/index.ts'

/** Docker's `Resources` in the engine's units; zeroes mean «not set» there. */
export function limitsOf(host: Resources & Pick<HostConfig, 'OomKillDisable'>): Limits {
  const pids = host.PidsLimit
  const swappiness = host.MemorySwappiness
  const blkioDevices = blkioDevicesOf(host)
  return {
    ...given('memory', host.Memory),
    ...given('memorySwap', host.MemorySwap),
    ...given('memoryReservation', host.MemoryReservation),
    ...(swappiness === undefined || swappiness < 0 ? {} : { swappiness }),
    ...(host.OomKillDisable === true ? { oomKillDisable: true } : {}),
    ...given('nanoCpus', host.NanoCpus),
    ...given('cpuQuota', host.CpuQuota),
    ...given('cpuPeriod', host.CpuPeriod),
    ...given('cpuShares', host.CpuShares),
    ...(host.CpusetCpus ? { cpusetCpus: host.CpusetCpus } : {}),
    ...(host.CpusetMems ? { cpusetMems: host.CpusetMems } : {}),
    // Docker's API: 0 and -1 are both «unlimited», but an absent value means our default.
    ...(pids === undefined ? {} : { pids: pids <= 0 ? -1 : pids }),
    ...given('blkioWeight', host.BlkioWeight),
    ...(blkioDevices.length > 0 ? { blkioDevices } : {}),
  }
}

/** No limit of processes is kept and told as 0, whatever is below it: Docker takes each such number. */
export function withoutNegative<T extends Pick<Resources, 'PidsLimit'>>(host: T): T {
  return (host.PidsLimit ?? 0) < 0 ? { ...host, PidsLimit: 0 } : host
}

function given<K extends keyof Limits>(key: K, value: number | undefined): Partial<Record<K, number>> {
  return value === undefined || value === 0 ? {} : ({ [key]: value } as Record<K, number>)
}

function blkioDevicesOf(host: Resources): BlkioDeviceLimit[] {
  const throttles = (
    kind: BlkioDeviceLimit['kind'],
    devices: readonly ThrottleDevice[] | undefined,
  ): BlkioDeviceLimit[] =>
    (devices ?? []).map(({ Path, Rate }) => ({ kind, ...deviceNumbers(Path), rate: Rate }))
  return [
    ...throttles('readBps', host.BlkioDeviceReadBps),
    ...throttles('writeBps', host.BlkioDeviceWriteBps),
    ...throttles('readIops', host.BlkioDeviceReadIOps),
    ...throttles('writeIops', host.BlkioDeviceWriteIOps),
    ...throttles(
      'weight',
      host.BlkioWeightDevice?.map(({ Path, Weight }) => ({ Path, Rate: Weight })),
    ),
  ]
}

function deviceNumbers(path: string): { readonly major: number; readonly minor: number } {
  try {
    const { rdev } = statSync(path)
    // glibc's makedev: both numbers are split over the 64 bits.
    const device = BigInt(rdev)
    const major = Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn))
    const minor = Number((device & 0xffn) | ((device >> 12n) & ~0xffn & 0xffffffffn))
    if (rdev !== 0) return { major, minor }
  } catch (error) {
    throw failure({
      code: 'DEVICE_NOT_FOUND',
      kind: 'invalidArgument',
      summary: `device "${path}": ${messageOf(error)}`,
      cause: error,
    })
  }
  throw failure({ code: 'DEVICE_NOT_FOUND', kind: 'invalidArgument', summary: `"${path}" is no device` })
}
