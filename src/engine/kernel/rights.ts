import type { Drift } from '../../api/types/index.ts'
import { namesOf } from '../security/index.ts'
import { type Facts, factsOf } from './facts.ts'
import type { ContainerSight, Thing } from './thing.ts'

/**
 * What the first process may do. It may give up rights, and get none: more than it was made with, or a filter less, is drift. Nobody can
 * take a right from a process, so it is told and no more.
 */
export const RIGHTS: Thing<ContainerSight> = {
  paths: ['capabilities', 'seccomp', 'no_new_privs', 'label'],
  basis: ({ made, seen }) => seen?.status && seen.process && [made, seen.status, seen.process],
  observe(sight) {
    const facts = factsOf(sight)
    return facts && [...rightsDrift(facts), ...labelDrift(facts)]
  },
}

/** What a process has, of lines of its status. */
interface Held {
  /** Of all its sets of capabilities. */
  readonly capabilities: bigint
  readonly isFiltered: boolean
  readonly hasNoNewPrivileges: boolean
}

let last: { readonly status: string; readonly held: Held } | undefined

/** Of a hundred containers most say the same. */
function heldBy(status: string): Held {
  if (last?.status !== status) last = { status, held: readHeld(status) }
  return last.held
}

function readHeld(status: string): Held {
  const field = (name: string): string => new RegExp(`^${name}:\\s*(\\S+)$`, 'm').exec(status)?.[1] ?? ''
  return {
    capabilities: ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']
      .map(name => BigInt(`0x${field(name) || '0'}`))
      .reduce((all, bits) => all | bits, 0n),
    isFiltered: field('Seccomp') !== '0',
    hasNoNewPrivileges: field('NoNewPrivs') !== '0',
  }
}

/** What it has more than it was made with (`capabilities`), and which walls less. */
export function rightsDrift({
  spec: { security },
  status,
  capabilities,
}: Pick<Facts, 'spec' | 'status' | 'capabilities'>): Drift[] {
  const held = heldBy(status)
  const more = held.capabilities & ~capabilities
  const isFiltered =
    (security.seccomp?.kind ?? (security.privileged ? 'unconfined' : 'default')) !== 'unconfined'
  return [
    ...(more === 0n ? [] : [told('capabilities', 'none but its own', `also ${namesOf(more).join(', ')}`)]),
    ...(isFiltered && !held.isFiltered ? [told('seccomp', 'filtered', 'unconfined')] : []),
    ...(security.noNewPrivileges === true && !held.hasNoNewPrivileges
      ? [told('no_new_privs', '1', '0')]
      : []),
  ]
}

/** The label of SELinux: a domain that policy lets go is another wall, or none. */
export function labelDrift({ spec: { security }, label }: Pick<Facts, 'spec' | 'label'>): Drift[] {
  const want = security.labels?.process
  return want === undefined || want === label ? [] : [told('label', want, label)]
}

function told(Path: string, Want: string, Got: string): Drift {
  return { Path, Want, Got, Repair: 'none' }
}
