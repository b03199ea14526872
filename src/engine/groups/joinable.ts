import { failure } from '../../diagnostics/index.ts'
import type { ContainerTable } from '../state/container-table.ts'
import { checkBesideHeld } from '../terms/egress.ts'
import type { ContainerTerms } from '../terms/index.ts'
import type { NamespaceTerms } from '../terms/namespaces.ts'

/** Containers that are joined exist, and do not keep their ipc namespace to themselves. CONTAINER_NOT_FOUND, NAMESPACE_MODE. */
export function checkJoinable(containers: ContainerTable, { pid, ipc }: NamespaceTerms): void {
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

/** Who joins the network of a container leaves it held to where it may go. CONTAINER_NOT_FOUND, EGRESS_INVALID. */
export function checkBeside(
  containers: ContainerTable,
  { network, security }: Pick<ContainerTerms, 'network' | 'security'>,
): void {
  if (network.mode.kind !== 'container') return
  const { name, terms } = containers.resolve(network.mode.reference)
  if (terms.security.egress !== undefined) checkBesideHeld(name, security)
}
