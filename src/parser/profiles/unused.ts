import {
  asList,
  child,
  type Entry,
  type MapNode,
  type Node,
  textOf,
  withEntries,
  withKey,
} from '../tree/node.ts'

/** Drops networks, volumes, secrets, configs and models that no enabled service uses. */
export function dropUnused(project: MapNode, services: ReadonlyMap<string, Entry>): MapNode {
  const used: Record<string, Set<string>> = {
    networks: new Set(),
    volumes: new Set(),
    secrets: new Set(),
    configs: new Set(),
    models: new Set(),
  }
  for (const { node } of services.values()) {
    addKeys(used['networks'], child(node, 'networks'))
    addKeys(used['models'], child(node, 'models'))
    addSources(used['configs'], child(node, 'configs'))
    addSources(used['secrets'], child(node, 'secrets'))
    addSources(used['secrets'], child(child(node, 'build'), 'secrets'))
    for (const mount of asList(child(node, 'volumes'))?.items ?? [])
      if (textOf(child(mount, 'type')) === 'volume') add(used['volumes'], textOf(child(mount, 'source')))
    add(used['configs'], textOf(child(child(node, 'credential_spec'), 'config')))
  }
  let result = project
  for (const [section, names] of Object.entries(used)) result = keepOnly(result, section, names)
  return result
}

function keepOnly(project: MapNode, section: string, names: ReadonlySet<string>): MapNode {
  const resources = child(project, section)
  if (resources?.kind !== 'map') return project
  const entries = new Map([...resources.entries].filter(([key]) => names.has(key)))
  return withKey(project, section, withEntries(resources, entries))
}

function addKeys(names: Set<string> | undefined, node: Node | undefined): void {
  if (node?.kind === 'map') for (const key of node.entries.keys()) names?.add(key)
}

function addSources(names: Set<string> | undefined, node: Node | undefined): void {
  for (const item of asList(node)?.items ?? []) add(names, textOf(child(item, 'source')))
}

function add(names: Set<string> | undefined, name: string | undefined): void {
  if (name !== undefined) names?.add(name)
}
