import { PROBE_KINDS } from '../../notation/index.ts'
import {
  asList,
  asMap,
  child,
  type Entry,
  isSaid,
  list,
  type Node,
  replacing,
  ruled,
  scalar,
  textOf,
  withoutKeys,
} from '../tree/node.ts'
import { type Cursor, compileRules } from '../tree/pattern.ts'
import { toKeyValueList } from './key-values.ts'
import { type Merger, mergeMaps, mergePlain } from './plain.ts'

/** How one attribute is merged; both sides are not null. */
export type MergeRule = (base: Node, override: Node, merger: Merger) => Node

/** The later value stands alone, and be it null. */
export const replace: MergeRule = (base, override) => replacing(override, base)

/** Both forms become `KEY=value` lists; the last of a key wins when doubles are removed. */
const keyValues: MergeRule = (base, override) => {
  const reset = new Set<string>()
  if (override.kind === 'map')
    for (const [key, entry] of override.entries) if (entry.node.tag === 'reset') reset.add(key)
  const kept = toKeyValueList(base).filter(item => !reset.has(keyOf(item)))
  return list([...kept, ...toKeyValueList(override)], override)
}

/** A string stands for a list of one. */
const stringOrList: MergeRule = (base, override) => list([...itemsOf(base), ...itemsOf(override)], override)

/** A host may have several addresses: only exact doubles go. */
const extraHosts: MergeRule = (base, override) => {
  const items = toKeyValueList(base)
  const seen = new Set(items.map(textOf))
  return list([...items, ...toKeyValueList(override).filter(item => !seen.has(textOf(item)))], override)
}

const build: MergeRule = (base, override, merger) => mergePlain(asBuild(base), asBuild(override), merger)

const dependsOn: MergeRule = (base, override, merger) =>
  mergePlain(keyed(base, startedDependency), keyed(override, startedDependency), merger)

const references: MergeRule = (base, override, merger) =>
  mergePlain(keyed(base, nothing), keyed(override, nothing), merger)

/** Options of different drivers don't mix. */
const logging: MergeRule = (base, override, merger) => {
  const left = asMap(base)
  const right = asMap(override)
  if (!left || !right) return mergePlain(base, override, merger)
  const [old, next] = [textOf(child(left, 'driver')), textOf(child(right, 'driver'))]
  if (old === undefined || next === undefined || old === next) return mergeMaps(left, right, merger)
  return replacing(override, base)
}

/** Pools of the same subnet merge; those that the override does not name go. */
const ipamConfig: MergeRule = (base, override, merger) => {
  const left = asList(base)
  const right = asList(override)
  if (!left || !right) return mergePlain(base, override, merger)
  const items = right.items.map(pool => {
    const subnet = textOf(child(pool, 'subnet'))
    const old = left.items.find(item => subnet !== undefined && textOf(child(item, 'subnet')) === subnet)
    return old ? merger.below('[]', old, pool) : pool
  })
  return { ...right, items }
}

/** Who asks for something else asks for that alone; times stay. */
const probe: MergeRule = (base, override, merger) => {
  const asks = PROBE_KINDS.some(kind => isSaid(child(override, kind)))
  const left = asMap(base)
  return mergePlain(asks && left ? withoutKeys(left, PROBE_KINDS) : base, override, merger)
}

const KEY_VALUES = [
  'services.*.annotations',
  'services.*.build.additional_contexts',
  'services.*.build.args',
  'services.*.build.labels',
  'services.*.deploy.labels',
  'services.*.environment',
  'services.*.labels',
  'services.*.sysctls',
  'services.*.volumes.[].volume.labels',
  'networks.*.labels',
  'volumes.*.labels',
  'secrets.*.labels',
  'configs.*.labels',
]

const STRING_OR_LIST = ['dns', 'dns_opt', 'dns_search', 'env_file', 'label_file', 'tmpfs']

/** The exceptions from the general merge, by path. */
export const MERGE_RULES: Cursor<MergeRule> = compileRules<MergeRule>([
  ...KEY_VALUES.map(pattern => [pattern, keyValues] as const),
  ...STRING_OR_LIST.map(attribute => [`services.*.${attribute}`, stringOrList] as const),
  ['services.*.command', replace],
  ['services.*.entrypoint', replace],
  ['services.*.healthcheck.test', replace],
  ['services.*.ulimits.*', replace],
  ['services.*.build', build],
  ['services.*.build.extra_hosts', extraHosts],
  ['services.*.extra_hosts', extraHosts],
  ['services.*.depends_on', dependsOn],
  ['services.*.networks', references],
  ['services.*.models', references],
  ['services.*.logging', logging],
  ['services.*.x-tscompose.probe', probe],
  ['services.*.x-tscompose.sleep', replace],
  ['networks.*.ipam.config', ipamConfig],
])

function keyOf(item: Node): string {
  return (textOf(item) ?? '').split('=', 1)[0] ?? ''
}

function itemsOf(node: Node): readonly Node[] {
  return node.kind === 'list' ? node.items : [node]
}

function asBuild(node: Node): Node {
  if (node.kind !== 'scalar') return node
  return { kind: 'map', entries: new Map([['context', { node }]]), ...(node.span ? { span: node.span } : {}) }
}

function keyed(node: Node, makeValue: (item: Node) => Node): Node {
  if (node.kind !== 'list') return node
  const entries = new Map<string, Entry>()
  for (const item of node.items) {
    const name = textOf(item)
    if (name === undefined) continue
    entries.set(name, { ...(item.span ? { key: item.span } : {}), node: makeValue(item) })
  }
  return { ...(node.span ? { span: node.span } : {}), kind: 'map', entries }
}

function startedDependency(item: Node): Node {
  const entries = new Map<string, Entry>([
    ['condition', { node: ruled('dependency-condition', 'service_started', item) }],
    ['required', { node: ruled('dependency-required', true, item) }],
  ])
  return { ...(item.span ? { span: item.span } : {}), kind: 'map', entries }
}

function nothing(item: Node): Node {
  return scalar(null, item)
}
