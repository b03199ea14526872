import { numbersInRanges } from '../../linux/number-ranges.ts'
import type { LimitWrite } from './writes.ts'

/** The kernel keeps whole pages of a limit. */
const PAGE = 4096
/** From here on a limit is none, in v1, which has no word for it. */
const NO_LIMIT = 2 ** 62

/** A value that a control file has otherwise than it was written. */
export interface ValueDrift {
  readonly file: string
  readonly want: string
  readonly got: string
}

/** What `text`, which a control file says now, has otherwise than it was written; undefined where both mean the same. */
export function valueDrift(
  { file, value }: Pick<LimitWrite, 'file' | 'value'>,
  text: string,
): ValueDrift | undefined {
  // Most of a hundred containers' are as they were written.
  if (text.trimEnd() === value) return undefined
  const got = valueIn(file, value, text)
  return meansSame(file, value, got) ? undefined : { file, want: value, got }
}

/** The part of a control file that a write is about: of those of devices a line, of `memory.oom_control` its first number. */
function valueIn(file: string, value: string, text: string): string {
  const trimmed = text.trim()
  const [key = ''] = value.split(' ')
  const lines = trimmed.split('\n')
  if (/^(io\.|blkio\..*_device$)/.test(file))
    return (
      lines.find(line => line.startsWith(`${key} `)) ??
      (lines.length === 1 && key === 'default' ? trimmed : '')
    )
  if (file === 'memory.oom_control') return /^oom_kill_disable (\d)/m.exec(trimmed)?.[1] ?? ''
  return trimmed
}

function meansSame(file: string, want: string, got: string): boolean {
  if (want === got) return true
  if (/^cpuset\.(cpus|mems)$/.test(file)) return equalSets(numbersInRanges(want), numbersInRanges(got))
  if (file === 'io.max') return want.split(' ').every(word => got.split(' ').includes(word))
  // Bare numbers are of all devices, and the kernel may leave out the word.
  if (file === 'io.weight') return want.replace('default ', '') === got.replace('default ', '')
  if (file === 'cpu.shares') return bounded(Number(want)) === Number(got)
  // Without a quota a period means nothing.
  if (file === 'cpu.max' && want.startsWith('max ')) return got.startsWith('max ')
  if (!/^memory\.(max|low|swap\.max|.*limit_in_bytes)$/.test(file)) return false
  return (isUnlimited(want) && isUnlimited(got)) || pagesOf(want) === pagesOf(got)
}

function isUnlimited(value: string): boolean {
  return value === 'max' || value === '-1' || Number(value) >= NO_LIMIT
}

function pagesOf(bytes: string): number {
  return Math.floor(Number(bytes) / PAGE)
}

function bounded(shares: number): number {
  return Math.min(262_144, Math.max(2, shares))
}

/** What is left of a list of ranges, `0-3,8`, where the group around has only these: a machine may lose processors. */
export function within(list: string, around: string): string {
  const there = numbersInRanges(around)
  return [...numbersInRanges(list)].filter(each => there.has(each)).join(',')
}

function equalSets(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  return a.size === b.size && [...a].every(each => b.has(each))
}

/** Whether a group has no more of something than the one around it, whatever it was given. */
export function isHeldAround(version: 1 | 2, controller: string): boolean {
  return version === 1 && controller === 'cpuset'
}
