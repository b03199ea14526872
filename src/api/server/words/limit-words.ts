import type { Facts } from '../../../diagnostics/index.ts'
import type { Words, WordTable } from './words.ts'

const MEMORY: Readonly<Record<string, (facts: Facts) => string>> = {
  'Memory least': () => 'Minimum memory limit allowed is 6MB',
  'MemorySwap alone': () => 'You should always set the Memory limit when using Memoryswap limit, see usage',
  'MemorySwap below': () => 'Minimum memoryswap limit should be larger than memory limit, see usage',
  'MemoryReservation least': () => 'Minimum memory reservation allowed is 6MB',
  'MemoryReservation above': () =>
    'Minimum memory limit can not be less than memory reservation limit, see usage',
  'MemorySwappiness range': ({ value }) => `Invalid value: ${value}, valid memory swappiness range is 0-100`,
  'Memory above swap': ({ id }) =>
    `Cannot update container ${id}: Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time`,
}

const CPU: Readonly<Record<string, (facts: Facts) => string>> = {
  'NanoCpus range': ({ most }) =>
    `range of CPUs is from 0.01 to ${most}.00, as there are only ${most} CPUs available`,
  'NanoCpus both quota': () => 'Conflicting options: Nano CPUs and CPU Quota cannot both be set',
  'NanoCpus both period': () => 'Conflicting options: Nano CPUs and CPU Period cannot both be set',
  'CpuPeriod range': () =>
    'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)',
  'CpuShares negative': ({ value }) => `invalid CPU shares (${value}): value must be a positive integer`,
  'CpuQuota least': () => 'CPU cfs quota can not be less than 1ms (i.e. 1000)',
  'CpusetCpus there': ({ value, there }) =>
    `Requested CPUs are not available - requested ${value}, available: ${there}`,
  'CpusetMems there': ({ value, there }) =>
    `Requested memory nodes are not available - requested ${value}, available: ${there}`,
  'CpusetCpus form': ({ value }) => `Invalid value ${value} for cpuset cpus: invalid format: ${value}`,
  'CpusetMems form': ({ value }) => `Invalid value ${value} for cpuset mems: invalid format: ${value}`,
}

const byField =
  (sentences: Readonly<Record<string, (facts: Facts) => string>>): Words =>
  (facts, _, { path = '' }) =>
    sentences[`${path.replace('HostConfig.', '')} ${facts['rule']}`]?.(facts)

const health: Words = (_, __, { path = '' }) => {
  const field = path.replace('Healthcheck.', '')
  if (field === 'Retries') return 'Retries in Healthcheck cannot be negative'
  return field === 'Test' ? undefined : `${field} in Healthcheck cannot be less than 1ms`
}

/** Limits that cannot be had. */
export const LIMIT_WORDS: WordTable = {
  MEMORY_INVALID: byField(MEMORY),
  CPU_INVALID: byField(CPU),
  BLKIO_INVALID: () => 'Range of blkio weight is from 10 to 1000',
  OOM_SCORE_INVALID: ({ value }) => `Invalid value ${value}, range for oom score adj is [-1000, 1000]`,
  HEALTHCHECK_INVALID: health,
  SHM_INVALID: () => 'SHM size can not be less than 0',
}
