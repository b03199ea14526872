import type { Machine } from '../runtime/index.ts'
import type { Problems } from './problems.ts'
import type { Given } from './term.ts'

/** Docker's smallest memory limit. */
export const LEAST_MEMORY: number = 6 * 1024 * 1024

type Memory = Pick<Given, 'Memory' | 'MemorySwap' | 'MemoryReservation' | 'MemorySwappiness'>

/** MEMORY_INVALID, by Docker's rules (moby `verifyPlatformContainerResources`), as the others here. */
export function checkMemory(given: Memory, problems: Problems): void {
  const { Memory = 0, MemorySwap = 0, MemoryReservation = 0, MemorySwappiness = -1 } = given
  const wrong = (field: string, rule: string, summary: string, hint?: string): void => {
    const facts = { rule, value: String(given[field as keyof Memory] ?? '') }
    problems.add('MEMORY_INVALID', `HostConfig.${field}`, summary, {
      facts,
      ...(hint === undefined ? {} : { hint }),
    })
  }
  if (Memory !== 0 && Memory < LEAST_MEMORY)
    wrong('Memory', 'least', `got ${Memory} bytes, want at least 6 MiB`)
  if (MemorySwap > 0 && Memory === 0)
    wrong('MemorySwap', 'alone', 'a limit of memory and swap needs one of memory', 'set Memory too')
  else if (MemorySwap > 0 && MemorySwap < Memory)
    wrong('MemorySwap', 'below', `got ${MemorySwap}, want at least Memory, ${Memory}`)
  else if (MemorySwap < -1)
    wrong('MemorySwap', 'negative', `got ${MemorySwap}, want bytes, or -1 for no limit of swap`)
  if (MemoryReservation !== 0 && MemoryReservation < LEAST_MEMORY)
    wrong('MemoryReservation', 'least', `got ${MemoryReservation} bytes, want at least 6 MiB`)
  if (MemoryReservation > 0 && Memory > 0 && MemoryReservation > Memory)
    wrong('MemoryReservation', 'above', `got ${MemoryReservation}, want at most Memory, ${Memory}`)
  if (MemorySwappiness < -1 || MemorySwappiness > 100)
    wrong('MemorySwappiness', 'range', `got ${MemorySwappiness}, want 0 to 100`)
}

/** CPU_INVALID for times. */
export function checkCpu(
  given: Pick<
    Given,
    'NanoCpus' | 'CpuPeriod' | 'CpuQuota' | 'CpuShares' | 'CpuRealtimePeriod' | 'CpuRealtimeRuntime'
  >,
  problems: Problems,
  machine: Machine,
): void {
  const { NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0 } = given
  const most = machine.processors()
  const wrong = (field: string, rule: string, summary: string): void =>
    problems.add('CPU_INVALID', `HostConfig.${field}`, summary, { facts: { rule, most: String(most) } })
  const { CpuShares = 0 } = given
  if (CpuShares < 0)
    problems.add('CPU_INVALID', 'HostConfig.CpuShares', `got ${CpuShares}, want 0 or more`, {
      facts: { rule: 'negative', value: String(CpuShares) },
    })
  const { CpuRealtimePeriod = 0, CpuRealtimeRuntime = 0 } = given
  if (CpuRealtimePeriod > 0 && CpuRealtimeRuntime > CpuRealtimePeriod)
    wrong('CpuRealtimeRuntime', 'above period', `got ${CpuRealtimeRuntime}, want at most CpuRealtimePeriod`)
  if (NanoCpus < 0 || NanoCpus > most * 1e9)
    wrong('NanoCpus', 'range', `got ${NanoCpus / 1e9} CPUs, want 0.01 to ${most}, the number of processors`)
  if (NanoCpus > 0 && (CpuQuota !== 0 || CpuPeriod !== 0))
    wrong(
      'NanoCpus',
      CpuQuota === 0 ? 'both period' : 'both quota',
      'want neither CpuQuota nor CpuPeriod beside it',
    )
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000))
    wrong('CpuPeriod', 'range', `got ${CpuPeriod}, want 1000 to 1000000 microseconds`)
  if (CpuQuota > 0 && CpuQuota < 1000)
    wrong('CpuQuota', 'least', `got ${CpuQuota}, want at least 1000 microseconds, or -1 for no limit`)
}

const SETS = {
  CpusetCpus: { online: 'cpu', noun: 'CPUs' },
  CpusetMems: { online: 'node', noun: 'nodes' },
} as const

/** CPU_INVALID unless it is `0-2,4`, and nothing that this machine does not have: the kernel would refuse the start. */
export function checkSet(
  field: keyof typeof SETS,
  value: string | undefined,
  problems: Problems,
  machine: Machine,
): void {
  if (!value) return
  const wrong = (summary: string, there?: string): void => {
    const facts = { value, rule: there === undefined ? 'form' : 'there', there: there ?? '' }
    problems.add('CPU_INVALID', `HostConfig.${field}`, `got "${value}", ${summary}`, { facts })
  }
  const wanted = rangesOf(value)
  if (wanted === undefined) {
    wrong('want numbers and ranges as in 0-2,4')
    return
  }
  const { online, noun } = SETS[field]
  const text = machine.online(online)
  const there = text === undefined ? undefined : rangesOf(text)
  // The kernel lists whole ranges: one that is there lies within one of them.
  const isThere = wanted.every(
    ([first, last]) => there?.some(([from, to]) => from <= first && last <= to) !== false,
  )
  if (!isThere) wrong(`this machine has the ${noun} ${text?.trim()}`, text?.trim())
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
