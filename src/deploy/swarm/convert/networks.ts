import type { NetworkCreateRequest, ServiceNetwork } from '../../../api/types/index.ts'
import type { Network, Path } from '../../../model/index.ts'
import { type Context, compact, nonEmpty, type Subject } from './context.ts'
import type { Place } from './findings.ts'
import { nameProblem, stackLabels } from './names.ts'
import { tellPools } from './pools.ts'

/** A network of the stack, or one that must be there. */
export interface StackNetwork {
  readonly key: string
  readonly name: string
  readonly place: Place
  /** Absent for one that is external. */
  readonly request?: NetworkCreateRequest
}

/** Networks of a node, which every swarm can attach tasks to. */
const PREDEFINED: ReadonlySet<string> = new Set(['bridge', 'host', 'none', 'default'])

/** Networks that services are on, in the order of their names. */
export function stackNetworks(context: Context): StackNetwork[] {
  const { services, networks = {} } = context.project.model
  const used = new Set(Object.values(services).flatMap(service => Object.keys(networksOf(service))))
  return [...used].sort().flatMap(key => {
    const network = networks[key]
    if (network === undefined) return []
    const path = ['networks', key]
    const place = context.findings.placeOf(path)
    if (network.external !== true)
      return [{ key, name: network.name, place, request: requestOf(context, network, path) }]
    return PREDEFINED.has(network.name) ? [] : [{ key, name: network.name, place }]
  })
}

/** What `docker stack` asks for: overlay networks, unless the file says otherwise. */
function requestOf({ stack, findings }: Context, network: Network, path: Path): NetworkCreateRequest {
  const { driver = 'overlay', ipam } = network
  const problem = nameProblem('network', network.name)
  if (problem !== undefined) findings.error('SWARM_NAME', path, problem)
  if (driver !== 'overlay')
    findings.warn(
      'SWARM_NETWORK',
      [...path, 'driver'],
      `a network of the driver "${driver}" does not lead from node to node`,
      'leave the driver out: a swarm makes an overlay network',
    )
  if (network.enable_ipv6 === true)
    findings.warn('SWARM_NETWORK', [...path, 'enable_ipv6'], 'overlay networks of services have no IPv6')
  const pools = ipam.config ?? []
  tellPools(findings, pools, [...path, 'ipam', 'config'])
  const lost = pools.flatMap(({ ip_range, aux_addresses }) => [ip_range, aux_addresses]).filter(Boolean)
  if (lost.length > 0)
    findings.warn('SWARM_NETWORK', [...path, 'ipam'], 'a swarm takes subnets and gateways alone')
  return compact<NetworkCreateRequest>({
    Name: network.name,
    Driver: driver,
    Labels: stackLabels(stack, network.labels),
    Options: network.driver_opts,
    Internal: network.internal === true ? true : undefined,
    Attachable: network.attachable === true ? true : undefined,
    IPAM:
      ipam.driver === undefined && pools.length === 0
        ? undefined
        : compact({
            Driver: ipam.driver,
            Config: nonEmpty(
              pools.map(({ subnet, gateway }) => compact({ Subnet: subnet, Gateway: gateway })),
            ),
          }),
  })
}

/** The networks of the tasks: by their names, which a manager makes ids. Sorted by them. */
export function attachmentsOf({ context, name, service }: Subject): ServiceNetwork[] {
  return Object.entries(networksOf(service))
    .map(([key, attachment]) => {
      const target = context.project.model.networks?.[key]?.name ?? key
      const aliases = [...(attachment?.aliases ?? []), ...(PREDEFINED.has(target) ? [] : [name])]
      return compact<ServiceNetwork>({
        Target: target,
        Aliases: nonEmpty(aliases),
        DriverOpts: attachment?.driver_opts,
      })
    })
    .sort((a, b) => ((a.Target ?? '') < (b.Target ?? '') ? -1 : 1))
}

type Attachments = NonNullable<Subject['service']['networks']>

/** What docker's own modes become, the rest has been told. */
function networksOf({ networks = {}, network_mode: mode }: Subject['service']): Attachments {
  return Object.keys(networks).length > 0 || mode === undefined ? networks : { default: null }
}
