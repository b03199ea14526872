import type { Docker } from '../client/index.ts'
import { type Diagnostic, Failure } from '../diagnostics/index.ts'
import { locateFailure, type PlannedRequest, type PlannedRequests } from '../executor/index.ts'
import type { Project } from '../model/index.ts'
import type { CreateContainer, Plan } from '../planner/index.ts'
import { placed } from './placed.ts'

/** Words that are no network's name. */
const MODES = new Set(['', 'host', 'none', 'bridge', 'default'])

/** Networks that `network_mode` names and nobody has. */
export async function missingNetworks(
  plan: Plan,
  creations: readonly CreateContainer[],
  project: Project,
  docker: Docker,
): Promise<Diagnostic[]> {
  const wanted = creations.filter(
    ({ service: { network_mode: mode = '' } }) => !MODES.has(mode) && !/^(service|container):/.test(mode),
  )
  if (wanted.length === 0) return []
  const there = new Set([
    ...(await docker.listNetworks()).flatMap(({ Id, Name }) => [Id, Name]),
    ...plan.operations.flatMap(each => (each.type === 'createNetwork' ? [each.resource.name] : [])),
  ])
  return wanted
    .filter(({ service }) => !there.has(service.network_mode ?? ''))
    .map(({ serviceName, service: { network_mode: mode } }) => ({
      ...placed(project, ['services', serviceName, 'network_mode']),
      code: 'NETWORK_NOT_FOUND',
      summary: `"${mode}" is neither a mode nor a network of the engine`,
      hint: 'modes are host, none, bridge, service:<name> and container:<name>; networks of the file are joined by networks',
    }))
}

/** Networks that the plan makes and this machine cannot have: their drivers' kind of link, or their parent, is not there. */
export async function impossibleNetworks(
  { requests }: PlannedRequests,
  project: Project,
): Promise<readonly Diagnostic[]> {
  const found: Diagnostic[] = []
  for (const request of requests) {
    if (request.kind !== 'network' || ['', 'bridge', 'default'].includes(request.body.Driver ?? '')) continue
    const { tryNetwork } = await import('../engine/trial/networks.ts')
    for (const refusal of await tryNetwork(request.body)) found.push(...refused(refusal, request, project))
  }
  return found
}

/** Fields of a container whose values are names and addresses on its networks. */
const PLACE_FIELDS = [
  'Hostname',
  'Domainname',
  'Dns',
  'DnsSearch',
  'DnsOptions',
  'ExtraHosts',
  'Links',
] as const

/**
 * What our engine would refuse of networks, of places on them and of names there, where the file asks for such: an address outside of its
 * network's subnet, an interface's name, a name server. Whatever else it would refuse of a container is looked at for plans that are shown alone, as it takes a millisecond each.
 */
export async function refusedPlaces(
  { requests, standing }: PlannedRequests,
  project: Project,
): Promise<readonly Diagnostic[]> {
  if (!requests.some(asksForPlace)) return []
  const { Trial } = await import('../engine/trial/index.ts')
  const trial = new Trial('this')
  for (const network of standing) trial.network(network)
  return requests.flatMap(request => {
    if (request.kind === 'volume') return []
    const refusals =
      request.kind === 'network' ? trial.network(request.body) : trial.places(request.body, PLACE_FIELDS)
    return refusals.flatMap(refusal => refused(refusal, request, project))
  })
}

function asksForPlace({ kind, body }: PlannedRequest): boolean {
  if (kind === 'volume') return false
  if (kind === 'network')
    return body.EnableIPv4 === false || isGiven(body.IPAM?.Config) || isGiven(body.Options)
  const fields: Readonly<Record<string, unknown>> = { ...body, ...body.HostConfig }
  return (
    PLACE_FIELDS.some(field => isGiven(fields[field])) ||
    Object.values(body.NetworkingConfig?.EndpointsConfig ?? {}).some(
      ({ IPAMConfig, DriverOpts, MacAddress }) => Boolean(IPAMConfig ?? DriverOpts ?? MacAddress),
    )
  )
}

function isGiven(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value)
}

function refused(
  refusal: Diagnostic,
  { operation }: PlannedRequest,
  project: Project,
): readonly Diagnostic[] {
  return locateFailure(new Failure('invalidArgument', [refusal]), operation, project).diagnostics
}
