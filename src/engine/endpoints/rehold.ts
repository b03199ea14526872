import { failure } from '../../diagnostics/index.ts'
import { type EgressPolicy, egressChangeOp } from '../../network/index.ts'
import { networkFileOf } from '../groups/kept-network.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { egressPolicyOf } from './egress.ts'
import { joinedOf, kernelEndpoints } from './joined.ts'

/** Whether where the container goes can be changed while it runs: it has rules, and no right that it would have to lose. */
export function takesEgress({ active, terms }: Container): boolean {
  return active && terms.security.egress !== undefined
}

/**
 * Lets a container that runs go where its terms say, and not where they said `before` alone; the caller holds its lock. First the kernel
 * has its rules, then the relay hears of names: one that is allowed has a set when it is first asked for, and of one that is not any more no
 * address is learned. What is under way to where it may not go now goes on, as connections do that were accepted. EGRESS_INVALID.
 */
export async function rehold(
  engine: EngineContext,
  container: Container,
  before: EgressPolicy['targets'],
): Promise<void> {
  const policy = egressPolicyOf(container, kernelEndpoints(container, joinedOf(engine, container)))
  const file = networkFileOf(engine.containers, container)
  if (policy === undefined || file === undefined || !container.active) throw fixed(container)
  await engine.native.run({ setup: [{ ...file, op: 'openNetns' }, egressChangeOp(policy, before)] })
  await engine.names.update([container.id])
}

function fixed({ name }: Container): Error {
  return failure({
    code: 'EGRESS_INVALID',
    kind: 'conflict',
    summary: `container ${name} cannot be held otherwise: it does not run, or was made without egress`,
    hint: 'make it anew',
  })
}
