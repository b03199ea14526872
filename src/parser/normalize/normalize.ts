import type { OriginRule } from '../../model/index.ts'
import {
  child,
  type Entry,
  isNull,
  type MapNode,
  map,
  type Node,
  replacing,
  ruled,
  scalar,
  textOf,
  withEntries,
  withKey,
} from '../tree/node.ts'

/** Adds what the file implies: the default network, dependencies by reference, names of resources, the Dockerfile. */
export function normalize(project: MapNode, name: string, isNameGiven: boolean): MapNode {
  const services = child(project, 'services')
  let result = withKey(project, 'name', nameNode(child(project, 'name'), name, isNameGiven))
  if (services?.kind === 'map') {
    const entries = new Map<string, Entry>()
    for (const [key, entry] of services.entries) {
      const service: MapNode = entry.node.kind === 'map' ? entry.node : map({}, entry.node)
      entries.set(key, { ...entry, node: normalizeService(service) })
    }
    result = withKey(result, 'services', withEntries(services, entries))
  }
  result = addDefaultNetwork(result)
  for (const section of ['networks', 'volumes', 'configs', 'secrets'])
    result = nameResources(result, section, name)
  return result
}

function nameNode(written: Node | undefined, name: string, isGiven: boolean): Node {
  if (!isGiven) return textOf(written) ? scalar(name, written) : ruled('project-folder', name)
  const given = ruled('project-name', name)
  return written === undefined ? given : replacing(given, written)
}

function normalizeService(service: MapNode): MapNode {
  let result = service
  if (textOf(child(service, 'pull_policy')) === 'if_not_present')
    result = withKey(result, 'pull_policy', scalar('missing', child(service, 'pull_policy')))
  const networks = child(service, 'networks')
  const joins = networks?.kind === 'map' && networks.entries.size > 0
  if (!joins && !service.entries.has('provider') && !hasNetworkMode(service))
    result = withKey(result, 'networks', map({ default: ruled('default-network', null) }))
  const build = child(service, 'build')
  if (build?.kind === 'map') result = withKey(result, 'build', normalizeBuild(build))
  return addImplicitDependencies(withReplicas(result))
}

/** `scale` and `deploy.replicas` say the same. */
function withReplicas(service: MapNode): MapNode {
  const scale = child(service, 'scale')
  const deploy = child(service, 'deploy')
  if (scale === undefined || isNull(scale) || deploy?.kind !== 'map' || deploy.entries.has('replicas'))
    return service
  return withKey(service, 'deploy', withKey(deploy, 'replicas', { ...scale, rule: 'replicas-of-scale' }))
}

function hasNetworkMode(service: MapNode): boolean {
  const mode = child(service, 'network_mode')
  return mode !== undefined && !isNull(mode)
}

function normalizeBuild(build: MapNode): MapNode {
  const context = build.entries.has('context')
    ? build
    : withKey(build, 'context', ruled('build-context', '.'))
  if (context.entries.has('dockerfile') || context.entries.has('dockerfile_inline')) return context
  return withKey(context, 'dockerfile', ruled('dockerfile', 'Dockerfile'))
}

const NAMESPACES = ['network_mode', 'ipc', 'pid', 'uts', 'cgroup'] as const

/** A dependency that follows from another attribute. */
interface Implied {
  readonly target: string
  readonly restart: boolean
  readonly at: Node
  readonly rule: OriginRule
}

/** Links and shared namespaces restart with their service, volumes do not. */
function addImplicitDependencies(service: MapNode): MapNode {
  const implied: Implied[] = []
  const links = child(service, 'links')
  if (links?.kind === 'list')
    for (const at of links.items)
      implied.push({ target: linkedService(textOf(at) ?? ''), restart: true, at, rule: 'implied-by-links' })
  for (const key of NAMESPACES) {
    const node = child(service, key)
    const target = /^service:(.*)$/.exec(textOf(node) ?? '')?.[1]
    if (node && target !== undefined)
      implied.push({ target, restart: true, at: node, rule: `implied-by-${key}` })
  }
  const volumes = child(service, 'volumes_from')
  if (volumes?.kind === 'list')
    for (const at of volumes.items) {
      const text = textOf(at) ?? ''
      const target = text.split(':', 1)[0] ?? ''
      if (!text.startsWith('container:'))
        implied.push({ target, restart: false, at, rule: 'implied-by-volumes_from' })
    }
  return implied.length === 0 ? service : withDependencies(service, implied)
}

/** `SERVICE` or `SERVICE:ALIAS`; anything else names no service. */
function linkedService(link: string): string {
  const [service = '', ...rest] = link.split(':')
  return rest.length > 1 ? link : service
}

function withDependencies(service: MapNode, implied: readonly Implied[]): MapNode {
  const old = child(service, 'depends_on')
  const base: MapNode = old?.kind === 'map' ? old : map({})
  const entries = new Map(base.entries)
  for (const { target, restart, at, rule } of implied) {
    if (entries.has(target)) continue
    const dependency = map(
      {
        condition: ruled(rule, 'service_started', at),
        restart: ruled(rule, restart, at),
        required: ruled(rule, true, at),
      },
      at,
    )
    entries.set(target, { ...(at.span ? { key: at.span } : {}), node: dependency })
  }
  return withKey(service, 'depends_on', withEntries(base, entries))
}

function addDefaultNetwork(project: MapNode): MapNode {
  const services = child(project, 'services')
  if (services?.kind !== 'map') return project
  const used = [...services.entries.values()].some(({ node }) => {
    const networks = child(node, 'networks')
    return networks?.kind === 'map' && networks.entries.has('default')
  })
  const networks = child(project, 'networks')
  const base: MapNode = networks?.kind === 'map' ? networks : map({})
  if (!used || base.entries.has('default')) return project
  return withKey(project, 'networks', withKey(base, 'default', ruled('default-network', null)))
}

function nameResources(project: MapNode, section: string, projectName: string): MapNode {
  const resources = child(project, section)
  if (resources?.kind !== 'map') return project
  const entries = new Map<string, Entry>()
  for (const [key, entry] of resources.entries) {
    const resource: MapNode = entry.node.kind === 'map' ? entry.node : map({}, entry.node)
    const external = child(resource, 'external')
    const isExternal = external?.kind === 'scalar' && external.value === true
    const name = isExternal
      ? ruled('external-name', key, external)
      : ruled('resource-name', `${projectName}_${key}`, placeOfKey(entry))
    entries.set(key, {
      ...entry,
      node: textOf(child(resource, 'name')) ? resource : withKey(resource, 'name', name),
    })
  }
  return withKey(project, section, withEntries(resources, entries))
}

/** What follows from a key stands where the key does. */
function placeOfKey({ key, node }: Entry): Node {
  return key === undefined ? node : { kind: 'scalar', value: null, span: key }
}
