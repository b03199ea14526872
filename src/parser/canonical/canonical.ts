import { parseLongDuration } from '../../notation/index.ts'
import type { Scope } from '../scope.ts'
import {
  asMap,
  isNull,
  list,
  type MapNode,
  map,
  type Node,
  ruled,
  scalar,
  textOf,
  withEntries,
  withKey,
  withoutKeys,
} from '../tree/node.ts'
import { compileRules } from '../tree/pattern.ts'
import { type Rewrite, rewrite } from '../tree/walk.ts'
import { buildSsh, devicesRule, gpus, ulimit } from './devices.ts'
import { portsRule, volumeRule } from './mounts.ts'

/** Writes every attribute in its long form. What cannot be read is reported and, under `interpolate: false`, left as it is. */
export function canonicalize(node: Node, scope: Scope): Node {
  return rewrite(node, RULES, scope) ?? node
}

type Rule = Rewrite<Scope>

const stringToList: Rule = node => (textOf(node) === undefined ? node : list([node], node))

const build: Rule = node => (textOf(node) === undefined ? node : map({ context: node }, node))

const dependsOn: Rule = node => {
  if (node.kind === 'list') {
    const condition = (item: Node): Node =>
      map(
        {
          condition: ruled('dependency-condition', 'service_started', item),
          required: ruled('dependency-required', true, item),
        },
        item,
      )
    return keyed(node, condition)
  }
  if (node.kind !== 'map') return node
  const entries = new Map(node.entries)
  for (const [key, entry] of entries)
    if (entry.node.kind === 'map' && !entry.node.entries.has('required'))
      entries.set(key, {
        ...entry,
        node: withKey(entry.node, 'required', ruled('dependency-required', true)),
      })
  return withEntries(node, entries)
}

const references: Rule = node => (node.kind === 'list' ? keyed(node, item => scalar(null, item)) : node)

function keyed(node: Node, makeValue: (item: Node) => Node): MapNode {
  const entries = new Map<string, { node: Node }>()
  if (node.kind === 'list')
    for (const item of node.items) {
      const name = textOf(item)
      if (name !== undefined)
        entries.set(name, { ...(item.span ? { key: item.span } : {}), node: makeValue(item) })
    }
  return { ...(node.span ? { span: node.span } : {}), kind: 'map', entries }
}

const extendsRule: Rule = node => (textOf(node) === undefined ? node : map({ service: node }, node))

/** One time is both; what is none is told of once. */
const sleep: Rule = node => {
  const text = textOf(node)
  if (text === undefined) return node
  return map({ freeze: node, ...(parseLongDuration(text) === undefined ? {} : { stop: node }) }, node)
}

const fileReference: Rule = node => (textOf(node) === undefined ? node : map({ source: node }, node))

const envFile: Rule = node => {
  const items = node.kind === 'list' ? node.items : [node]
  return list(
    items.map(item => (textOf(item) === undefined ? item : map({ path: item }, item))),
    node,
  )
}

/** `external: {name: X}` is the old form of `external: true` with `name: X`. */
const external: Rule = (node, path, scope) => {
  if (node.kind !== 'map') return node
  const entry = node.entries.get('external')?.node
  if (entry?.kind !== 'map') return node
  const named = entry.entries.get('name')?.node
  scope.reporter.warn('DEPRECATED', 'write external: true and name: … instead of external.name', {
    path,
    node: entry,
  })
  const base = withKey(node, 'external', scalar(true, entry))
  const own = textOf(node.entries.get('name')?.node)
  if (named === undefined) return base
  if (own !== undefined && own !== textOf(named)) {
    scope.reporter.error('CONFLICTING_NAMES', 'write the name once: name and external.name differ', {
      path,
      node: entry,
    })
    return base
  }
  return withKey(base, 'name', named)
}

/** Old spellings of the current `develop` and `initial_sync`. */
const service: Rule = (node, path, scope) => {
  if (node.kind !== 'map') return node
  const old = node.entries.get('x-develop')
  if (!old || node.entries.has('develop')) return node
  scope.reporter.warn('DEPRECATED', 'write develop instead of x-develop', { path, node: old.node })
  return withKey(withoutKeys(node, ['x-develop']), 'develop', old.node)
}

/** Docker's JSON prints `exec` of every rule, with nothing in it where there is none. */
const watch: Rule = node => {
  if (node.kind !== 'map') return node
  const exec = asMap(node.entries.get('exec')?.node)
  const isEmpty = exec && [...exec.entries].every(([key, entry]) => key === 'command' && isNull(entry.node))
  return isEmpty ? withoutKeys(node, ['exec']) : node
}

const RULES = compileRules<Rule>([
  ['services.*', service],
  ['services.*.build', build],
  ['services.*.build.no_cache_filter', stringToList],
  ['services.*.build.secrets.[]', fileReference],
  ['services.*.build.ssh', buildSsh],
  ['services.*.build.ulimits.*', ulimit],
  ['services.*.configs.[]', fileReference],
  ['services.*.depends_on', dependsOn],
  ['services.*.develop.watch.[]', watch],
  ['services.*.develop.watch.[].ignore', stringToList],
  ['services.*.develop.watch.[].include', stringToList],
  ['services.*.devices', devicesRule],
  ['services.*.dns', stringToList],
  ['services.*.dns_search', stringToList],
  ['services.*.env_file', envFile],
  ['services.*.extends', extendsRule],
  ['services.*.gpus', gpus],
  ['services.*.label_file', stringToList],
  ['services.*.models', references],
  ['services.*.networks', references],
  ['services.*.ports', portsRule],
  ['services.*.secrets.[]', fileReference],
  ['services.*.tmpfs', stringToList],
  ['services.*.ulimits.*', ulimit],
  ['services.*.volumes.[]', volumeRule],
  ['services.*.x-tscompose.sleep', sleep],
  ['networks.*', external],
  ['volumes.*', external],
  ['secrets.*', external],
  ['configs.*', external],
])
