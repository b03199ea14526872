import {
  child,
  type Entry,
  isNull,
  type MapNode,
  map,
  type Node,
  scalar,
  textOf,
  withEntries,
  withKey,
} from '../tree/node.ts'

/** Adds what the file implies: the default network, dependencies by reference, names of resources, the Dockerfile. */
export function normalize(project: MapNode, name: string): MapNode {
  const services = child(project, 'services')
  let result = withKey(project, 'name', scalar(name, child(project, 'name')))
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

function normalizeService(service: MapNode): MapNode {
  let result = service
  if (textOf(child(service, 'pull_policy')) === 'if_not_present')
    result = withKey(result, 'pull_policy', scalar('missing', child(service, 'pull_policy')))
  const networks = child(service, 'networks')
  const joins = networks?.kind === 'map' && networks.entries.size > 0
  if (!joins && !service.entries.has('provider') && !hasNetworkMode(service))
    result = withKey(result, 'networks', map({ default: scalar(null) }))
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
  return withKey(service, 'deploy', withKey(deploy, 'replicas', scale))
}

function hasNetworkMode(service: MapNode): boolean {
  const mode = child(service, 'network_mode')
  return mode !== undefined && !isNull(mode) && textOf(mode) !== ''
}

function normalizeBuild(build: MapNode): MapNode {
  const context = build.entries.has('context') ? build : withKey(build, 'context', scalar('.'))
  if (context.entries.has('dockerfile') || context.entries.has('dockerfile_inline')) return context
  return withKey(context, 'dockerfile', scalar('Dockerfile'))
}

const NAMESPACES = ['network_mode', 'ipc', 'pid', 'uts', 'cgroup']

/** Links and shared namespaces restart with their service, volumes do not. */
function addImplicitDependencies(service: MapNode): MapNode {
  const implied: [string, boolean, Node][] = []
  const links = child(service, 'links')
  if (links?.kind === 'list')
    for (const link of links.items) implied.push([(textOf(link) ?? '').split(':', 1)[0] ?? '', true, link])
  for (const key of NAMESPACES) {
    const node = child(service, key)
    const target = /^service:(.+)$/.exec(textOf(node) ?? '')?.[1]
    if (node && target !== undefined) implied.push([target, true, node])
  }
  const volumes = child(service, 'volumes_from')
  if (volumes?.kind === 'list')
    for (const volume of volumes.items) {
      const source = (textOf(volume) ?? '').split(':', 1)[0] ?? ''
      if (source !== 'container') implied.push([source, false, volume])
    }
  return implied.length === 0 ? service : withDependencies(service, implied)
}

function withDependencies(service: MapNode, implied: readonly [string, boolean, Node][]): MapNode {
  const old = child(service, 'depends_on')
  const base: MapNode = old?.kind === 'map' ? old : map({})
  const entries = new Map(base.entries)
  for (const [target, restart, at] of implied) {
    if (target === '' || entries.has(target)) continue
    const dependency = map(
      {
        condition: scalar('service_started', at),
        ...(restart ? { restart: scalar(true, at) } : {}),
        required: scalar(true, at),
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
  return withKey(project, 'networks', withKey(base, 'default', scalar(null)))
}

function nameResources(project: MapNode, section: string, projectName: string): MapNode {
  const resources = child(project, section)
  if (resources?.kind !== 'map') return project
  const entries = new Map<string, Entry>()
  for (const [key, entry] of resources.entries) {
    const resource: MapNode = entry.node.kind === 'map' ? entry.node : map({}, entry.node)
    const external = child(resource, 'external')
    const isExternal = external?.kind === 'scalar' && external.value === true
    const name = scalar(isExternal ? key : `${projectName}_${key}`)
    entries.set(key, {
      ...entry,
      node: textOf(child(resource, 'name')) ? resource : withKey(resource, 'name', name),
    })
  }
  return withKey(project, section, withEntries(resources, entries))
}
