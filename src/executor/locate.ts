import { type Diagnostic, Failure } from '../diagnostics/index.ts'
import { type Path, type Project, renderPath } from '../model/index.ts'
import { type CreateContainer, imageReference, type Operation } from '../planner/index.ts'
import { placesOfField } from './engine-fields.ts'
import { quotedPart } from './quoted-part.ts'

/** Which attribute of a service a failure is about, by the start of its code; the first that fits. */
const ATTRIBUTES: readonly (readonly [RegExp, string])[] = [
  [/^(PORT_|HOST_ADDRESS_)/, 'ports'],
  [/^(BUILD_|DOCKERFILE_|CONTEXT_|COPY_|REMOTE_|GIT_)/, 'build'],
  [/^(IMAGE_|REFERENCE_|REGISTRY_)/, 'image'],
  [/^(NETWORK_|ENDPOINT_|INTERFACE_|IPAM_|ADDRESS_)/, 'networks'],
  [/^MAC_/, 'mac_address'],
  [/^NAME_IN_USE$/, 'container_name'],
  [/^GROUP_/, 'group_add'],
  [/^(MOUNT_|VOLUME_|TMPFS_|BIND_)/, 'volumes'],
  [/^(SECCOMP_|SECURITY_)/, 'security_opt'],
  [/^DEVICE_RULE_/, 'device_cgroup_rules'],
  [/^DEVICE_/, 'devices'],
  [/^SYSCTL_/, 'sysctls'],
  [/^RLIMIT_/, 'ulimits'],
  [/^USER_/, 'user'],
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
    if (origin?.range !== undefined) return { ...diagnostic, path: renderPath(path), range: origin.range }
  }
  return diagnostic
}

function pathOf(diagnostic: Diagnostic, operation: Operation, project: Project): Path {
  const { model } = project
  const { kind, name } = operation.resource
  if (kind === 'network') return quotedPart(project, ['networks', keyNamed(model.networks, name)], diagnostic)
  if (kind === 'volume') return quotedPart(project, ['volumes', keyNamed(model.volumes, name)], diagnostic)
  if (operation.type === 'createContainer' && operation.oneOff) {
    const flag = flagOf(diagnostic, operation, project)
    if (flag !== undefined) return [flag]
  }
  const service = serviceOf(operation, project)
  if (service === undefined) return []
  const { [service]: definition } = model.services
  const attribute = ATTRIBUTES.find(([pattern]) => pattern.test(diagnostic.code))?.[1]
  const places = definition === undefined ? [] : placesOfField(definition, diagnostic.path)
  const place = places.find(([first]) => first === attribute) ?? places[0]
  // Of a list the sentence may name the item.
  if (place !== undefined && place.join('.') !== attribute)
    return quotedPart(project, ['services', service, ...place], diagnostic)
  if (attribute === undefined) return ['services', service]
  const path = ['services', service, attribute]
  if (attribute === 'secrets') return ['services', service, ...filePath(project, service, diagnostic.summary)]
  if (attribute === 'ports') return [...path, portIndex(project, service, diagnostic.summary)]
  if (attribute === 'volumes') return [...path, ...mountIndex(project, service, diagnostic.summary)]
  return attribute === 'build' || attribute === 'image' ? path : quotedPart(project, path, diagnostic)
}

/** The flag of `run` that a refusal is about: what the command line says stands in no file. */
function flagOf(
  { code, summary }: Diagnostic,
  { service, serviceName }: CreateContainer,
  project: Project,
): string | undefined {
  if (code === 'NAME_IN_USE' || code === 'NAME_INVALID') return '--name'
  if (!code.startsWith('PORT_') && !code.startsWith('HOST_ADDRESS_')) return undefined
  const numbers = new Set(summary.match(/\d+/g) ?? [])
  const port = service.ports?.find(({ published }) => published !== undefined && numbers.has(published))
  const isOfFile = project.model.services[serviceName]?.ports?.some(each => each === port) === true
  return port === undefined || isOfFile ? undefined : '--publish'
}

function serviceOf(operation: Operation, project: Project): string | undefined {
  if ('serviceName' in operation) return operation.serviceName
  if (operation.type !== 'pullImage' && operation.type !== 'pushImage') return undefined
  return Object.entries(project.model.services).find(
    ([name, service]) => imageReference(project.name, name, service) === operation.reference,
  )?.[0]
}

function keyNamed(resources: Readonly<Record<string, { readonly name: string }>> = {}, name: string): string {
  return Object.entries(resources).find(([, resource]) => resource.name === name)?.[0] ?? name
}

/** The port whose number the sentence names, else the first. */
function portIndex(project: Project, service: string, summary: string): number {
  const ports = project.model.services[service]?.ports ?? []
  const numbers = new Set(summary.match(/\d+/g) ?? [])
  return Math.max(
    0,
    ports.findIndex(({ published }) => published !== undefined && numbers.has(published)),
  )
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

/** The mount whose source or target the sentence quotes; empty when it quotes none. */
function mountIndex(project: Project, service: string, summary: string): number[] {
  const mounts = project.model.services[service]?.volumes ?? []
  const isQuoted = (path: string | undefined): boolean => path !== undefined && summary.includes(`"${path}"`)
  const index = mounts.findIndex(({ source, target }) => isQuoted(source) || isQuoted(target))
  return index < 0 ? [] : [index]
}
