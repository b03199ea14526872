import type { OomReport } from '../api/types/index.ts'

/** `mysqld was killed for want of memory (peak 256 MiB, limit 256 MiB)`. */
export function oomText(report: OomReport = {}): string {
  const facts = oomFacts(report)
  return `${victimOf(report)} was killed for want of memory${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`
}

/** The same for a column that says so itself: `mysqld, peak 256 MiB, limit 256 MiB`. */
export function oomCell(report: OomReport): string {
  return [victimOf(report), ...oomFacts(report)].join(', ')
}

const victimOf = ({ Victim = 'a process' }: OomReport): string => Victim

function oomFacts({ Peak, Limit, Elsewhere, Budget, Others = {} }: OomReport): string[] {
  const group = Budget === undefined ? 'a group that it shares' : `the project ${Budget}`
  return [
    ...(Peak === undefined ? [] : [`peak ${mebibytes(Peak)}`]),
    ...(Limit === undefined ? [] : [`limit ${mebibytes(Limit)}`]),
    ...(Elsewhere ? [`by the limit of ${group}`] : []),
    ...Object.entries(Others).map(([name, used]) => `${name} has ${mebibytes(used)}`),
  ]
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1).replace('.0', '')} MiB`
}
