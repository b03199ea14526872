import type { ContainerState, OomReport } from '../api/types/index.ts'

/** `mysqld was killed for want of memory (peak 256 MiB, limit 256 MiB)`. */
export function oomText(report: OomReport = {}): string {
  const facts = oomFacts(report)
  return `${victimOf(report)} was killed for want of memory${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`
}

/** The same for a column that says so itself: `mysqld, peak 256 MiB, limit 256 MiB`. */
export function oomCell(report: OomReport): string {
  return [victimOf(report), ...oomFacts(report)].join(', ')
}

/** `exited (137)`, and where it is so that this was for want of memory. */
export function exitText({ ExitCode, OOMKilled, TscomposeOom }: ContainerState): string {
  return `exited (${ExitCode})${OOMKilled ? `: ${oomText(TscomposeOom)}` : ''}`
}

/** What an event `oom` of our engine tells in its attributes. */
export function oomOfEvent(attributes: Readonly<Record<string, string>>): OomReport {
  const { victim, peak, limit, elsewhere, budget, others = '' } = attributes
  const used = others.split(' ').flatMap(each => {
    const [name = '', bytes] = each.split('=')
    return bytes === undefined ? [] : [[name, Number(bytes)] as const]
  })
  return {
    ...(victim === undefined ? {} : { Victim: victim }),
    ...(peak === undefined ? {} : { Peak: Number(peak) }),
    ...(limit === undefined ? {} : { Limit: Number(limit) }),
    ...(elsewhere === undefined ? {} : { Elsewhere: true }),
    ...(budget === undefined ? {} : { Budget: budget }),
    ...(used.length === 0 ? {} : { Others: Object.fromEntries(used) }),
  }
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
