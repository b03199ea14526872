import type { ContainerUpdateRequest, Drift, HostConfig } from '../../api/types/index.ts'
import type { ContainerRecord } from '../state/container-record.ts'

/**
 * What an update changes, as in Docker (moby `Container.UpdateContainer`): whoever may change limits must not get at a
 * container's rights by a body that holds more.
 */
export const CHANGEABLE: readonly Exclude<keyof ContainerUpdateRequest, 'TscomposeAdapt'>[] = [
  'BlkioWeight',
  'CpuShares',
  'NanoCpus',
  'CpuPeriod',
  'CpuQuota',
  'CpuRealtimePeriod',
  'CpuRealtimeRuntime',
  'CpusetCpus',
  'CpusetMems',
  'Memory',
  'MemoryReservation',
  'MemorySwap',
  'PidsLimit',
  'RestartPolicy',
]

/** Those fields as they are, to be held against what updates make of them. */
export function changeableOf(host: HostConfig): ContainerUpdateRequest {
  return Object.fromEntries(
    CHANGEABLE.flatMap(field => (host[field] === undefined ? [] : [[field, host[field]]])),
  )
}

/**
 * What updates have changed of the container since it was made, values as JSON; `Want` is empty for what it was made without. Who
 * made it from a file finds there what is not as the file says.
 */
export function updateDrift({
  madeWith,
  hostConfig,
}: Pick<ContainerRecord, 'madeWith' | 'hostConfig'>): Drift[] {
  if (madeWith === undefined) return []
  return CHANGEABLE.flatMap(field => {
    const [Want, Got] = [meaningOf(field, madeWith), meaningOf(field, hostConfig)]
    return Want === Got ? [] : [{ Path: `HostConfig.${field}`, Want, Got }]
  })
}

/** What a field comes to, where it is not given too: equal limits have equal texts. */
function meaningOf(field: (typeof CHANGEABLE)[number], host: HostConfig): string {
  const { Memory = 0, MemorySwap, RestartPolicy } = host
  if (field === 'MemorySwap') return textOf(MemorySwap || 2 * Memory)
  // No limit is kept as 0, and given as -1 by whoever makes a container so.
  if (field === 'PidsLimit') return host.PidsLimit === undefined ? '' : `${host.PidsLimit || -1}`
  if (field !== 'RestartPolicy') return textOf(host[field])
  const { Name, MaximumRetryCount } = RestartPolicy ?? {}
  return JSON.stringify({ Name: Name || 'no', MaximumRetryCount: MaximumRetryCount ?? 0 })
}

/** Zeroes and empty texts mean «not set» in Docker's API. */
function textOf(value: unknown): string {
  return value === undefined || value === null || value === 0 || value === '' ? '' : JSON.stringify(value)
}
