import { type Diagnostic, Failure } from '../diagnostics/index.ts'
import { type Path, type Project, renderPath, type Service } from '../model/index.ts'
import { imageReference, type Operation } from '../planner/index.ts'
import { placesOfField } from './engine-fields.ts'
import { quotedPart } from './quoted-part.ts'
import { flagOf } from './run-flags.ts'

/** Which attribute of a service a failure is about, by the start of its code; the first that fits. */
const ATTRIBUTES: readonly (readonly [RegExp, string])[] = [
  [/^(PORT_|HOST_ADDRESS_|PROTOCOL_)/, 'ports'],
  [/^(BUILD_|DOCKERFILE_|CONTEXT_|COPY_|REMOTE_|GIT_)/, 'build'],
  [/^(IMAGE_|REFERENCE_|REGISTRY_)/, 'image'],
  [/^(NETWORK_|ENDPOINT_|INTERFACE_|IPAM_|ADDRESS_)/, 'networks'],
  [/^MAC_/, 'mac_address'],
  [/^NAME_IN_USE$/, 'container_name'],
  [/^GROUP_/, 'group_add'],
  [/^TMPFS_/, 'tmpfs'],
  [/^(MOUNT_|VOLUME_|BIND_)/, 'volumes'],
  [/^(SECCOMP_|SECURITY_)/, 'security_opt'],
  [/^DEVICE_RULE_/, 'device_cgroup_rules'],
  [/^DEVICE_/, 'devices'],
  [/^SYSCTL_/, 'sysctls'],
  [/^RLIMIT_/, 'ulimits'],
  [/^USER_/, 'user'],
  [/^WORKING_DIR_/, 'working_dir'],
  [/^COMMAND_/, 'command'],
  [/^DNS_/, 'dns'],
  [/^HOSTS_/, 'extra_hosts'],
  [/^(SECRET_|FILE_|EXTERNAL_FILE_)/, 'secrets'],
  [/^(NO_HEALTHCHECK|DEPENDENCY_UNHEALTHY)/, 'healthcheck'],
  [/^HOOK_/, 'post_start'],
  [/^PRE_START_/, 'pre_start'],
]

/** The failure with the place in the Compose file that it is about, where it has no place of its own. */
export function locateFailure(cause: Failure, operation: Operation, project: Project | undefined): Failure {
  if (project === undefined) return cause
  const located = cause.diagnostics.map(diagnostic => locate(diagnostic, operation, project))
  if (located.every((diagnostic, index) => diagnostic === cause.diagnostics[index])) return cause
  return new Failure(cause.kind, located, cause)
}

function locate(diagnostic: Diagnostic, operation: Operation, project: Project): Diagnostic {
  if (diagnostic.range !== undefined) return diagnostic
  const place = pathOf(diagnostic, operation, project)
  if (place[0]?.toString().startsWith('--')) return { ...diagnostic, path: renderPath(place) }
  // The attribute may stem from elsewhere (an image's name that nobody wrote): then the next one above it is told.
  for (let path = place; path.length > 0; path = path.slice(0, -1)) {
    const origin = project.origins.of(path)
    // A field of the engine's request means nothing to who wrote the file.
    if (origin?.range !== undefined)
      return { ...diagnostic, path: renderPath(asWritten(path, project)), range: origin.range }
  }
  return diagnostic
}

/** By the number that an item has in the file: one there became several (a range of ports). */
function asWritten(path: Path, { origins }: Project): Path {
  const [list, last] = [path.slice(0, -1), path.at(-1)]
  if (typeof last !== 'number') return path
  const items = Array.from({ length: last + 1 }, (_, index) => {
    const range = origins.of([...list, index])?.range
    return range === undefined ? index : JSON.stringify(range)
  })
  return [...list, new Set(items).size - 1]
}

/** What the project says of all its containers, by the field that holds it. */
const OF_THE_PROJECT: Readonly<Record<string, Path>> = {
  'HostConfig.TscomposeBudget.Memory': ['x-tscompose', 'limits', 'memory'],
  'HostConfig.TscomposeBudget.NanoCpus': ['x-tscompose', 'limits', 'cpus'],
  'HostConfig.TscomposeBudget.PidsLimit': ['x-tscompose', 'limits', 'pids'],
}

function pathOf(diagnostic: Diagnostic, operation: Operation, project: Project): Path {
  const { model } = project
  const ofProject = OF_THE_PROJECT[diagnostic.path ?? '']
  if (ofProject !== undefined) return ofProject
  const { kind, name } = operation.resource
  if (kind === 'network') return quotedPart(project, ['networks', keyNamed(model.networks, name)], diagnostic)
  if (kind === 'volume') return quotedPart(project, ['volumes', keyNamed(model.volumes, name)], diagnostic)
  const service = serviceOf(operation, project)
  if (service === undefined) return []
  const { [service]: definition } = model.services
  const attribute = ATTRIBUTES.find(([pattern]) => pattern.test(diagnostic.code))?.[1]
  if (operation.type === 'createContainer' && operation.oneOff) {
    const fields = placesOfField(operation.service, diagnostic.path).flatMap(([first]) => first ?? [])
    const about = attribute === undefined ? fields : [attribute, ...fields]
    const flag = flagOf(diagnostic, operation, definition, about)
    if (flag !== undefined) return [flag]
  }
  const places = definition === undefined ? [] : placesOfField(definition, diagnostic.path)
  const place = places.find(([first]) => first === attribute) ?? places[0]
  // Of a list the sentence may name the item.
  if (place !== undefined && place.join('.') !== attribute)
    return quotedPart(project, ['services', service, ...place], diagnostic)
  if (attribute === undefined) return ['services', service]
  const path = ['services', service, attribute]
  if (attribute === 'secrets') return ['services', service, ...filePath(project, service, diagnostic.summary)]
  if (attribute === 'ports') return [...path, portIndex(definition, diagnostic)]
  if (attribute === 'volumes') return ['services', service, ...mountPath(definition, diagnostic.summary)]
  return attribute === 'build' || attribute === 'image' ? path : quotedPart(project, path, diagnostic)
}

function serviceOf(operation: Operation, project: Project): string | undefined {
  if ('serviceName' in operation) return operation.serviceName
  if (operation.type !== 'pullImage' && operation.type !== 'pushImage') return undefined
  return firstWithImage(project).get(operation.reference)
}

/** Of each project's images the first service that has it: one registry that is not reached loses them all. */
const firsts = new WeakMap<Project, ReadonlyMap<string, string>>()

function firstWithImage(project: Project): ReadonlyMap<string, string> {
  const known = firsts.get(project)
  if (known !== undefined) return known
  const names = Object.entries(project.model.services).map(
    ([name, service]) => [imageReference(project.name, name, service), name] as const,
  )
  const first = new Map(names.reverse())
  firsts.set(project, first)
  return first
}

function keyNamed(resources: Readonly<Record<string, { readonly name: string }>> = {}, name: string): string {
  return Object.entries(resources).find(([, resource]) => resource.name === name)?.[0] ?? name
}

/**
 * The port that it is about: by its number of the host, its address, or where it leads. Of another engine's there is a sentence alone, which may
 * have the number. Else the first.
 */
function portIndex(service: Service | undefined, { facts = {}, summary }: Diagnostic): number {
  const ports = service?.ports ?? []
  const { address, port, target } = facts
  const numbers = new Set(port === undefined ? summary.match(/\d+/g) : [port])
  const fitness = ports.map(
    each =>
      (each.published !== undefined && numbers.has(each.published) ? 4 : 0) +
      (address !== undefined && each.host_ip === address ? 2 : 0) +
      (`${each.target}/${each.protocol ?? 'tcp'}` === target ? 1 : 0),
  )
  return Math.max(0, fitness.indexOf(Math.max(...fitness)))
}

/** The secret or config that the sentence quotes, and its owner if that is what it is about. */
function filePath(project: Project, service: string, summary: string): Path {
  const [, kind = 'secret', name] = /\b(secret|config) "([^"]*)"/.exec(summary) ?? []
  const attribute = kind === 'config' ? 'configs' : 'secrets'
  const files = project.model.services[service]?.[attribute] ?? []
  const [, owner, id] = /\bthe (uid|gid) "([^"]*)"/.exec(summary) ?? []
  const index = files.findIndex(
    file => file.source === name && (owner === undefined || file[owner as 'uid' | 'gid'] === id),
  )
  if (index < 0) return [attribute]
  return owner === undefined ? [attribute, index] : [attribute, index, owner]
}

/** The mount whose source or target the sentence quotes, which may be that of a config or secret; all of them when it quotes none. */
function mountPath(service: Service | undefined, summary: string): Path {
  const isQuoted = (path: string | undefined): boolean => path !== undefined && summary.includes(`"${path}"`)
  for (const attribute of ['volumes', 'configs', 'secrets'] as const) {
    const index = (service?.[attribute] ?? []).findIndex(
      ({ source, target }) => isQuoted(target) || (attribute === 'volumes' && isQuoted(source)),
    )
    if (index >= 0) return [attribute, index]
  }
  return ['volumes']
}
