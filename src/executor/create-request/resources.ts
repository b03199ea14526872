import type { DeviceRequest, HostConfig, ThrottleDevice, Ulimit } from '../../api/types/index.ts'
import { type ByteSize, bytesOf, type DeviceRate, type Service } from '../../model/index.ts'
import { compact, limitsOf, nonEmpty } from './input.ts'

/** Limits on memory, cpu, pids, block I/O, and the devices that are let in. */
export function resources(service: Service): HostConfig {
  const limits = limitsOf(service)
  const reservations = service.deploy?.resources?.reservations
  const cpus = limits?.cpus ?? service.cpus
  return compact({
    Memory: bytes(limits?.memory ?? service.mem_limit),
    MemoryReservation: bytes(reservations?.memory ?? service.mem_reservation),
    MemorySwap: bytes(service.memswap_limit),
    MemorySwappiness: bytes(service.mem_swappiness),
    OomKillDisable: service.oom_kill_disable,
    OomScoreAdj: service.oom_score_adj,
    NanoCpus: cpus === undefined ? undefined : Math.round(cpus * 1e9),
    CpuShares: service.cpu_shares,
    CpuPeriod: service.cpu_period,
    CpuQuota: service.cpu_quota,
    CpuRealtimePeriod: service.cpu_rt_period,
    CpuRealtimeRuntime: service.cpu_rt_runtime,
    CpusetCpus: service.cpuset,
    PidsLimit: limits?.pids ?? service.pids_limit,
    Ulimits: nonEmpty(ulimits(service.ulimits)),
    ShmSize: bytes(service.shm_size),
    ...blockIo(service.blkio_config),
    ...devices(service),
  })
}

/** A canonical size as a number; undefined for none. */
export function bytes(size: ByteSize | undefined): number | undefined {
  return size === undefined ? undefined : bytesOf(size)
}

/** Limits of a process, by name; one number stands for both. */
export function ulimits(limits: Service['ulimits']): Ulimit[] {
  return Object.entries(limits ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, limit]) =>
      typeof limit === 'number'
        ? { Name: name, Soft: limit, Hard: limit }
        : { Name: name, Soft: limit.soft, Hard: limit.hard },
    )
}

function blockIo(config: Service['blkio_config']): HostConfig {
  if (config === undefined) return {}
  const rates = (list: readonly DeviceRate[] | undefined): readonly ThrottleDevice[] | undefined =>
    nonEmpty((list ?? []).map(({ path, rate }) => ({ Path: path, Rate: Number(rate) })))
  return compact({
    BlkioWeight: config.weight,
    BlkioWeightDevice: nonEmpty(
      (config.weight_device ?? []).map(({ path, weight }) => ({ Path: path, Weight: weight })),
    ),
    BlkioDeviceReadBps: rates(config.device_read_bps),
    BlkioDeviceReadIOps: rates(config.device_read_iops),
    BlkioDeviceWriteBps: rates(config.device_write_bps),
    BlkioDeviceWriteIOps: rates(config.device_write_iops),
  })
}

function devices(service: Service): HostConfig {
  const all = service.devices ?? []
  // `vendor/class=name` is a CDI name, for a driver of the engine; anything else is a path of the host.
  const cdi = all.filter(({ source }) => /^[^/]+\/[^/]+=/.test(source)).map(({ source }) => source)
  const paths = all.filter(({ source }) => !cdi.includes(source))
  const requests = [
    ...deviceRequests(service),
    ...(cdi.length === 0 ? [] : [{ Driver: 'cdi', DeviceIDs: cdi }]),
  ]
  return {
    Devices: nonEmpty(
      paths.map(({ source, target, permissions }) => ({
        PathOnHost: source,
        PathInContainer: target ?? source,
        CgroupPermissions: permissions ?? 'rwm',
      })),
    ),
    DeviceCgroupRules: nonEmpty(service.device_cgroup_rules),
    DeviceRequests: nonEmpty(requests),
  }
}

/** `gpus` is a request with the capability `gpu`; neither count nor ids means all. */
function deviceRequests(service: Service): DeviceRequest[] {
  const gpus = (service.gpus ?? []).map(request => ({
    ...request,
    capabilities: [...new Set([...(request.capabilities ?? []), 'gpu'])],
  }))
  const reserved = service.deploy?.resources?.reservations?.devices ?? []
  return [...reserved, ...gpus].map(request =>
    compact({
      Driver: request.driver,
      Count: request.count ?? (request.device_ids === undefined ? -1 : undefined),
      DeviceIDs: request.device_ids,
      Capabilities: request.capabilities === undefined ? undefined : [request.capabilities],
      Options: request.options,
    }),
  )
}
