import type { RouteName } from '../../routes.ts'
import type { ContainerCreateRequest, Filters } from '../../types/index.ts'
import { invalid } from '../decode/values.ts'
import { compareVersions } from './version.ts'

/** A request as it was decoded. */
interface Decoded {
  readonly query: Readonly<Record<string, unknown>>
  readonly body: object | undefined
}

/** A field of a body by its path, `*` for each of a list or a map, and the version of the API that brought it. */
type Newcomer = readonly [route: RouteName, path: string, since: string]

/** Fields of which older versions know nothing: who speaks one means nothing by them. */
const IGNORED: readonly Newcomer[] = [
  ['containerCreate', 'NetworkingConfig.EndpointsConfig.*.GwPriority', '1.48'],
  ['networkConnect', 'EndpointConfig.GwPriority', '1.48'],
  ['containerCreate', 'Healthcheck.StartInterval', '1.44'],
  ['containerCreate', 'HostConfig.Annotations', '1.43'],
  ['containerCreate', 'HostConfig.ConsoleSize', '1.42'],
  ['containerCreate', 'HostConfig.Mounts.*.BindOptions.CreateMountpoint', '1.42'],
  ['execCreate', 'ConsoleSize', '1.42'],
  ['execStart', 'ConsoleSize', '1.42'],
  ['containerCreate', 'HostConfig.Mounts.*.BindOptions.NonRecursive', '1.40'],
  ['containerCreate', 'HostConfig.KernelMemoryTCP', '1.40'],
  ['containerUpdate', 'PidsLimit', '1.40'],
]

/** Fields that older versions refuse, since a container without them would be another. */
const REFUSED: readonly Newcomer[] = [
  ['containerCreate', 'HostConfig.Mounts.*.VolumeOptions.Subpath', '1.45'],
  ['containerCreate', 'HostConfig.Mounts.*.BindOptions.ReadOnlyForceRecursive', '1.44'],
]

/** What a request of a route means in the versions before one of the API. */
interface Meaning {
  readonly route: RouteName
  readonly before: string
  readonly mean: (request: Decoded) => Decoded
}

const MEANINGS: readonly Meaning[] = [
  { route: 'containerCreate', before: '1.48', mean: withoutImageMounts },
  { route: 'containerCreate', before: '1.44', mean: withOneNetwork },
  inQuery('imageRemove', '1.50', () => ({ platforms: [] })),
  inQuery('imageInspect', '1.49', () => ({ platform: undefined })),
  ...(['imageHistory', 'imageLoad', 'imagesSave', 'imageSave'] as const).map(route =>
    inQuery(route, '1.48', () => ({ platform: route === 'imageHistory' ? undefined : [] })),
  ),
  inQuery('volumePrune', '1.42', ({ filters }) => ({ filters: { ...(filters as Filters), all: ['true'] } })),
  inQuery('diskUsage', '1.42', () => ({ type: [] })),
  inQuery('imageList', '1.42', () => ({ 'shared-size': false })),
  inQuery('containerStats', '1.41', () => ({ 'one-shot': false })),
  inQuery('containerCreate', '1.41', () => ({ platform: undefined })),
  inQuery('imageList', '1.41', ({ filter, filters }) =>
    filter === undefined ? {} : { filters: { ...(filters as Filters), reference: [filter as string] } },
  ),
  { route: 'containerCreate', before: '1.40', mean: withSharedMemory },
  inQuery('imagePull', '1.32', () => ({ platform: undefined })),
  inQuery('networkList', '1.28', () => ({ containers: true })),
]

/** The request as one of the newest version that means the same. Refuses what the version does not know: REQUEST_INVALID. */
export function requestOf(version: string, route: RouteName, request: Decoded): Decoded {
  const isOlder = (than: string): boolean => compareVersions(version, than) < 0
  let { body } = request
  for (const [where, path, since] of REFUSED) {
    if (where !== route || !isOlder(since) || !has(body, path.split('.'))) continue
    throw invalid(`${path.split('.').slice(-2).join('.')} needs API v${since} or newer`)
  }
  for (const [where, path, since] of IGNORED) {
    if (where === route && isOlder(since)) body = without(body, path.split('.'))
  }
  return MEANINGS.filter(({ route: where, before }) => where === route && isOlder(before)).reduce(
    (meant, { mean }) => mean(meant),
    { ...request, body },
  )
}

function inQuery(
  route: RouteName,
  before: string,
  change: (query: Decoded['query']) => Decoded['query'],
): Meaning {
  const mean = ({ query, body }: Decoded): Decoded => ({ query: { ...query, ...change(query) }, body })
  return { route, before, mean }
}

function withoutImageMounts(request: Decoded): Decoded {
  const { Mounts = [] } = (request.body as ContainerCreateRequest).HostConfig ?? {}
  if (!Array.isArray(Mounts) || !Mounts.some(mount => mount?.Type === 'image')) return request
  throw invalid('Mount type "Image" needs API v1.48 or newer')
}

function withOneNetwork(request: Decoded): Decoded {
  const { EndpointsConfig = {} } = (request.body as ContainerCreateRequest).NetworkingConfig ?? {}
  const names = Object.keys(EndpointsConfig)
  if (names.length <= 1) return request
  throw invalid(`Container cannot be created with multiple network endpoints: ${names.join(', ')}`)
}

/** Others could join its IPC namespace unless it said otherwise. */
function withSharedMemory({ query, body }: Decoded): Decoded {
  const { HostConfig = {} } = body as ContainerCreateRequest
  if (HostConfig.IpcMode) return { query, body }
  return { query, body: { ...body, HostConfig: { ...HostConfig, IpcMode: 'shareable' } } }
}

/** Whether something is set there. */
function has(value: unknown, [key = '', ...rest]: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(
    ([name, entry]) => (key === '*' || key === name) && (rest.length === 0 ? !!entry : has(entry, rest)),
  )
}

/** A copy that lacks what is there; of what is beside it nothing is copied. */
function without<T>(value: T, [key = '', ...rest]: readonly string[]): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(item => without(item, rest)) as T
  const entries = Object.entries(value).flatMap(([name, entry]) =>
    key !== '*' && key !== name ? [[name, entry]] : rest.length === 0 ? [] : [[name, without(entry, rest)]],
  )
  return Object.fromEntries(entries)
}
