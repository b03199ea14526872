import type { EgressUpdate } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { egressChangeOp } from '../../network/index.ts'
import { networkFileOf } from '../groups/kept-network.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { termsOf } from '../terms/index.ts'
import { egressPolicyOf } from './egress.ts'
import { joinedOf, kernelEndpoints } from './joined.ts'

/** Whether where the container goes can be changed while it runs: it has rules, and no right that it would have to lose. */
export function takesEgress({ active, terms }: Container): boolean {
  return active && terms.security.egress !== undefined
}

/**
 * Lets a container go elsewhere from now on, or from its next start on; the caller holds its lock. Of one that runs, first the kernel has its rules, then the relay hears of names:
 * one that is allowed has a set when it is first asked for, and of one that is not any more no address is learned. What is under way to where it
 * may not go now goes on, as connections do that were accepted. EGRESS_INVALID.
 */
export async function rehold(
  engine: EngineContext,
  container: Container,
  { Egress, Labels = {} }: EgressUpdate,
): Promise<void> {
  const { config, hostConfig } = container.record
  const before = container.terms.security.egress
  if (before === undefined || Egress === undefined) throw fixed(container)
  const next = { ...hostConfig, TscomposeEgress: Egress }
  const told = { config: { ...config, Labels: { ...config.Labels, ...Labels } } }
  if (!container.active) {
    container.save({ hostConfig: next, ...told })
    return
  }
  const policy = egressPolicyOf(
    { terms: termsOf(config, next) },
    kernelEndpoints(joinedOf(engine, container)),
  )
  const file = networkFileOf(engine.containers, container)
  if (policy === undefined || file === undefined) throw fixed(container)
  await engine.native.run({ setup: [{ ...file, op: 'openNetns' }, egressChangeOp(policy, before)] })
  container.save({ hostConfig: next })
  await engine.names.update([container.id])
  // What the next plan compares, last: an engine that is killed before is asked again.
  container.save(told)
}

function fixed({ name }: Container): Error {
  return failure({
    code: 'EGRESS_INVALID',
    kind: 'conflict',
    summary: `container ${name} cannot be held otherwise: it was made without egress`,
    hint: 'make it anew',
  })
}
