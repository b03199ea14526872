import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { HostConfig } from '../../api/types/index.ts'
import { errnoOf } from '../../diagnostics/index.ts'
import type { Problems } from './problems.ts'

/** Docker's smallest memory limit. */
const LEAST_MEMORY = 6 * 1024 * 1024

/** Limits that no machine, or not this one, can keep: by Docker's rules (moby `verifyPlatformContainerResources`). */
export function checkResources(host: HostConfig, problems: Problems): void {
  checkMemory(host, problems)
  checkCpu(host, problems)
  for (const set of [
    { field: 'CpusetCpus', value: host.CpusetCpus, what: 'CPUs', online: '/sys/devices/system/cpu/online' },
    { field: 'CpusetMems', value: host.CpusetMems, what: 'nodes', online: '/sys/devices/system/node/online' },
  ])
    checkSet(set, problems)
  const { BlkioWeight = 0, ShmSize = 0, OomScoreAdj = 0 } = host
  if (BlkioWeight !== 0 && (BlkioWeight < 10 || BlkioWeight > 1000))
    problems.add('BLKIO_INVALID', 'HostConfig.BlkioWeight', `got ${BlkioWeight}, want 10 to 1000`)
  if (ShmSize < 0) problems.add('SHM_INVALID', 'HostConfig.ShmSize', 'want 0 or more bytes')
  if (OomScoreAdj < -1000 || OomScoreAdj > 1000) {
    problems.add('OOM_SCORE_INVALID', 'HostConfig.OomScoreAdj', `got ${OomScoreAdj}, want -1000 to 1000`)
  }
  checkUlimits(host, problems)
}

function checkMemory(host: HostConfig, problems: Problems): void {
  const { Memory = 0, MemorySwap = 0, MemoryReservation = 0, MemorySwappiness = -1 } = host
  const wrong = (field: string, summary: string, hint?: string): void =>
    problems.add('MEMORY_INVALID', `HostConfig.${field}`, summary, hint)
  if (Memory !== 0 && Memory < LEAST_MEMORY) wrong('Memory', `got ${Memory} bytes, want at least 6 MiB`)
  if (MemorySwap > 0 && Memory === 0)
    wrong('MemorySwap', 'a limit of memory and swap needs one of memory', 'set Memory too')
  else if (MemorySwap > 0 && MemorySwap < Memory)
    wrong('MemorySwap', `got ${MemorySwap}, want at least Memory, ${Memory}`)
  else if (MemorySwap < -1) wrong('MemorySwap', `got ${MemorySwap}, want bytes, or -1 for no limit of swap`)
  if (MemoryReservation !== 0 && MemoryReservation < LEAST_MEMORY)
    wrong('MemoryReservation', `got ${MemoryReservation} bytes, want at least 6 MiB`)
  if (MemoryReservation > 0 && Memory > 0 && MemoryReservation > Memory)
    wrong('MemoryReservation', `got ${MemoryReservation}, want at most Memory, ${Memory}`)
  if (MemorySwappiness < -1 || MemorySwappiness > 100)
    wrong('MemorySwappiness', `got ${MemorySwappiness}, want 0 to 100`)
}

function checkCpu(host: HostConfig, problems: Problems): void {
  const { NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0 } = host
  const wrong = (field: string, summary: string): void =>
    problems.add('CPU_INVALID', `HostConfig.${field}`, summary)
  const most = availableParallelism()
  if (NanoCpus < 0 || NanoCpus > most * 1e9)
    wrong('NanoCpus', `got ${NanoCpus / 1e9} CPUs, want 0.01 to ${most}, as many as this machine has`)
  if (NanoCpus > 0 && (CpuQuota !== 0 || CpuPeriod !== 0))
    wrong('NanoCpus', 'want neither CpuQuota nor CpuPeriod beside it')
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000))
    wrong('CpuPeriod', `got ${CpuPeriod}, want 1000 to 1000000 microseconds`)
  if (CpuQuota > 0 && CpuQuota < 1000)
    wrong('CpuQuota', `got ${CpuQuota}, want at least 1000 microseconds, or -1 for no limit`)
}

interface NumberSet {
  readonly field: string
  readonly value: string | undefined
  readonly what: string
  /** The file that lists those of this machine, in the same form. */
  readonly online: string
}

/** `0-2,4`, and nothing that this machine does not have: the kernel would refuse the start. */
function checkSet({ field, value, what, online }: NumberSet, problems: Problems): void {
  if (!value) return
  const wrong = (summary: string): void =>
    problems.add('CPU_INVALID', `HostConfig.${field}`, `got "${value}", ${summary}`)
  const wanted = rangesOf(value)
  if (wanted === undefined) {
    wrong('want numbers and ranges as in 0-2,4')
    return
  }
  const text = readIfThere(online)
  const there = text === undefined ? undefined : rangesOf(text)
  // The kernel lists whole ranges: one that is there lies within one of them.
  const isThere = wanted.every(
    ([first, last]) => there?.some(([from, to]) => from <= first && last <= to) !== false,
  )
  if (!isThere) wrong(`this machine has the ${what} ${text?.trim()}`)
}

function rangesOf(text: string): (readonly [number, number])[] | undefined {
  const ranges: [number, number][] = []
  for (const part of text.trim().split(',')) {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim()) ?? []
    if (first === undefined || Number(last) < Number(first)) return undefined
    ranges.push([Number(first), Number(last)])
  }
  return ranges
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function checkUlimits(host: HostConfig, problems: Problems): void {
  for (const { Name, Soft, Hard } of host.Ulimits ?? []) {
    const path = `HostConfig.Ulimits.${Name}`
    if (Hard !== -1 && (Soft === -1 || Soft > Hard)) {
      problems.add('ULIMIT_INVALID', path, `soft limit ${Soft} is above the hard limit ${Hard}`)
    }
    if (Name === 'nofile' && (Hard === -1 || Hard > mostOpenFiles())) {
      problems.add(
        'ULIMIT_INVALID',
        path,
        `got ${Hard}, want at most ${mostOpenFiles()} (fs.nr_open of this machine)`,
      )
    }
  }
}

/** The kernel refuses a higher limit of open files even to root. */
function mostOpenFiles(): number {
  return Number(readFileSync('/proc/sys/fs/nr_open', 'utf8'))
}
