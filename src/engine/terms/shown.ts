import type { LimitTerms } from './limits.ts'
import type { Term } from './term.ts'

/** What a container is shown of the machine: with limits, what it may use of it, unless it asks for the machine. */
export interface ShownTerms {
  readonly proc: 'limits' | 'host'
}

/** The annotation by which a container keeps the machine's /proc/meminfo and the like: `com.tscompose.proc=host`. */
const PROC = 'com.tscompose.proc'

/** PROC_INVALID, ANNOTATION_INVALID. */
export const shownTerm: Term<'Annotations', ShownTerms> = {
  fields: { Annotations: true },
  path: 'HostConfig.Annotations',
  read: given => ({ proc: given.Annotations?.[PROC] === 'host' ? 'host' : 'limits' }),
  check: (given, problems) => {
    if (Object.hasOwn(given.Annotations ?? {}, '')) {
      const summary = 'invalid Annotations: the empty string is not permitted as an annotation key'
      problems.add('ANNOTATION_INVALID', 'HostConfig.Annotations', summary)
    }
    const value = given.Annotations?.[PROC]
    if (value === undefined || value === 'host' || value === 'limits') return
    const summary = `annotation ${PROC} has "${value}", want "limits" or "host"`
    problems.add('PROC_INVALID', `HostConfig.Annotations.${PROC}`, summary, { facts: { value } })
  },
}

/** Whether these limits make the container's share of the machine smaller than the machine. */
export function isHeld(limits: LimitTerms): boolean {
  const { memory, nanoCpus, cpuQuota = 0, cpusetCpus } = limits
  return memory !== undefined || nanoCpus !== undefined || cpuQuota > 0 || cpusetCpus !== undefined
}
