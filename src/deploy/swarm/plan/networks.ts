import type { NetworkCreateRequest, NetworkInspect } from '../../../api/types/index.ts'
import type { Diagnostic } from '../../../diagnostics/index.ts'
import type { OperationCollector } from '../../../planner/core/builder.ts'
import type { Place } from '../convert/findings.ts'
import type { StackNetwork } from '../convert/networks.ts'
import type { ObservedStack } from './observed.ts'
import { idOf, type SwarmOperation } from './operation.ts'

/** Makes the stack's networks that are missing; those of others must be there. */
export function planNetworks(
  plan: OperationCollector<SwarmOperation>,
  networks: readonly StackNetwork[],
  observed: ObservedStack,
  problems: Diagnostic[],
): void {
  for (const { name, place, request } of networks) {
    const kept = observed.networks.find(({ Name, Scope }) => Name === name && Scope === 'swarm')
    if (request === undefined) {
      if (kept === undefined) problems.push(missing(name, place, observed))
      continue
    }
    if (kept !== undefined) {
      const different = differences(request, kept)
      if (different.length > 0)
        plan.warn(
          'SWARM_NETWORK_DIFFERS',
          `network "${name}" is not as the file describes it: ${different.join(', ')}`,
          'a swarm changes no network: give it another name, or take the stack down before',
          place,
        )
      continue
    }
    plan.add({
      type: 'createNetwork',
      id: idOf('network', name, 'create'),
      after: [],
      resource: { kind: 'network', name },
      action: 'create',
      cause: request.Driver ?? '',
      changes: [],
      request,
    })
  }
}

function missing(name: string, place: Place, { networks }: ObservedStack): Diagnostic {
  const local = networks.find(({ Name }) => Name === name)
  return {
    severity: 'error',
    code: 'SWARM_EXTERNAL_MISSING',
    ...place,
    summary:
      local === undefined
        ? `network "${name}" is external, and not there`
        : `network "${name}" is one of a single machine (${local.Scope}), and none of the swarm`,
    hint: `docker network create --driver overlay ${name}`,
  }
}

/** What of a network is otherwise; what a manager chose by itself is of no matter. */
function differences(wanted: NetworkCreateRequest, kept: NetworkInspect): string[] {
  const subnets = (pools: readonly { readonly Subnet?: string | undefined }[] | null | undefined): string =>
    (pools ?? []).map(({ Subnet }) => Subnet ?? '').join()
  const labels = Object.entries(wanted.Labels ?? {}).filter(([key, value]) => kept.Labels?.[key] !== value)
  const options = Object.entries(wanted.Options ?? {}).filter(([key, value]) => kept.Options?.[key] !== value)
  return [
    wanted.Driver === kept.Driver ? '' : 'driver',
    (wanted.Internal ?? false) === kept.Internal ? '' : 'internal',
    (wanted.Attachable ?? false) === kept.Attachable ? '' : 'attachable',
    wanted.IPAM?.Config === undefined || subnets(wanted.IPAM.Config) === subnets(kept.IPAM.Config)
      ? ''
      : 'ipam',
    ...labels.map(([key]) => `labels.${key}`),
    ...options.map(([key]) => `driver_opts.${key}`),
  ].filter(word => word !== '')
}
