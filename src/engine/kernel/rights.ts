import type { Drift } from '../../api/types/index.ts'
import { namesOf, resolveCapabilities } from '../security/index.ts'
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
    return facts && [...rightsDrift(facts, sight.engine.host.capabilities), ...labelDrift(facts)]
  },
}

/** `available`: the capabilities that the engine could give. */
export function rightsDrift(
  { spec: { security }, status }: Pick<Facts, 'spec' | 'status'>,
  available: bigint,
): Drift[] {
  const field = (name: string): string => new RegExp(`^${name}:\\s*(\\S+)$`, 'm').exec(status)?.[1] ?? ''
  const held = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']
    .map(name => BigInt(`0x${field(name) || '0'}`))
    .reduce((all, bits) => all | bits, 0n)
  const allowed = resolveCapabilities(security, available)
  const more = held & ~allowed
  const isFiltered =
    (security.seccomp?.kind ?? (security.privileged ? 'unconfined' : 'default')) !== 'unconfined'
  return [
    ...(more === 0n ? [] : [told('capabilities', 'none but its own', `also ${namesOf(more).join(', ')}`)]),
    ...(isFiltered && field('Seccomp') === '0' ? [told('seccomp', 'filtered', 'unconfined')] : []),
    ...(security.noNewPrivileges === true && field('NoNewPrivs') === '0'
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
