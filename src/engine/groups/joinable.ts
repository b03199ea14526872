import { failure } from '../../diagnostics/index.ts'
import type { ContainerTable } from '../state/container-table.ts'
import { checkBesideHeld } from '../terms/egress.ts'
import type { ContainerTerms } from '../terms/index.ts'

/**
 * Containers that are joined exist, do not keep their ipc namespace to themselves, and stay held to where they may go.
 * CONTAINER_NOT_FOUND, NAMESPACE_MODE, EGRESS_INVALID.
 */
export function checkJoinable(containers: ContainerTable, { namespaces, network, security }: Joining): void {
  const { pid, ipc } = namespaces
  if (network.mode.kind === 'container') {
    const { name, terms } = containers.resolve(network.mode.reference)
    if (terms.security.egress !== undefined) checkBesideHeld(name, security)
  }
  if (pid.kind === 'container') containers.resolve(pid.reference)
  if (ipc.kind !== 'container') return
  const { name, terms } = containers.resolve(ipc.reference)
  const mode = terms.namespaces.unjoinable
  if (mode === undefined) return
  throw failure({
    code: 'NAMESPACE_MODE',
    kind: 'conflict',
    summary: `the ipc namespace of container ${name} cannot be joined: its mode is "${mode}"`,
    hint: 'give that one the mode "shareable"',
  })
}

type Joining = Pick<ContainerTerms, 'namespaces' | 'network' | 'security'>
