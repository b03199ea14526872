import type { OriginRule, Path } from '../../model/index.ts'
import type { ScalarValue } from '../../notation/yaml/scalar.ts'
import type { Scope } from '../scope.ts'
import { list, type MapNode, map, type Node, ruled, scalar, textOf, withKey } from '../tree/node.ts'
import type { Rewrite } from '../tree/walk.ts'
import { isAddress, parseShortPort } from './short-port.ts'
import { cleanPath, parseShortVolume } from './short-volume.ts'

/** `services.*.ports`: numbers and strings become one long entry a container port. */
export const portsRule: Rewrite<Scope> = (node, path, scope) => {
  if (node.kind !== 'list') return node
  const items: Node[] = []
  for (const [index, item] of node.items.entries()) {
    if (item.kind === 'map') items.push(...checkedPort(item, { list: path, index }, scope))
    else if (item.kind === 'list') items.push(item)
    else items.push(...longPorts(item, item.value, { list: path, index }, scope))
  }
  return list(items, node)
}

interface Place {
  readonly list: Path
  readonly index: number
}

function checkedPort(item: MapNode, { list: path, index }: Place, scope: Scope): Node[] {
  if (lacks(item, ['target'], path, scope, index)) return []
  const ip = item.entries.get('host_ip')?.node
  const address = textOf(ip)
  if (!address || isAddress(address) || scope.options.interpolate === false) return [item]
  scope.reporter.error('INVALID_PORT', `write an IP address, got "${address}"`, {
    path: [...path, index, 'host_ip'],
    node: ip,
  })
  return []
}

/** Reports what a long form, at a path or in a list there, cannot do without. */
function lacks(
  item: MapNode,
  keys: readonly string[],
  path: Path,
  { reporter }: Scope,
  ...index: readonly number[]
): boolean {
  for (const key of keys) {
    if (item.entries.has(key)) continue
    if (reporter.isBroken([...path, ...index, key])) return true
    reporter.error('MISSING_ATTRIBUTE', `add ${key}`, { path: [...path, ...index], node: item })
    return true
  }
  return false
}

function longPorts(item: Node, value: ScalarValue, place: Place, scope: Scope): Node[] {
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return [map({ target: item }, item)]
  const ports = parseShortPort(String(value))
  if (typeof ports === 'string') {
    if (scope.options.interpolate === false) return [item]
    scope.reporter.error(
      'INVALID_PORT',
      `write [[IP:]HOST:]CONTAINER[/PROTOCOL], got "${String(value)}": ${ports}`,
      {
        path: [...place.list, place.index],
        node: item,
      },
    )
    return []
  }
  const rules: FieldRules = String(value).includes('/')
    ? { mode: 'port-mode' }
    : { mode: 'port-mode', protocol: 'port-protocol' }
  return ports.map(port => fromPlain(port, item, rules))
}

/** `services.*.volumes[]`: strings become long, targets clean. */
export const volumeRule: Rewrite<Scope> = (node, path, scope) => {
  if (node.kind === 'map') {
    const needed = textOf(node.entries.get('type')?.node) === 'bind' ? ['source', 'target'] : ['target']
    if (lacks(node, needed, path, scope)) return undefined
    const target = node.entries.get('target')?.node
    const text = textOf(target)
    return text === undefined ? node : withKey(node, 'target', scalar(cleanPath(text) || '.', target))
  }
  const text = textOf(node)
  if (text === undefined) return node
  const volume = parseShortVolume(text)
  if (typeof volume !== 'string') return fromPlain(volume, node, VOLUME_RULES)
  if (scope.options.interpolate === false) return node
  scope.reporter.error('INVALID_VOLUME', `write [SOURCE:]TARGET[:OPTIONS], got "${text}": ${volume}`, {
    path,
    node,
  })
  return undefined
}

/** The fields of a long form that its short form does not spell. */
type FieldRules = Readonly<Record<string, OriginRule>>

const VOLUME_RULES: FieldRules = { type: 'mount-type', create_host_path: 'create-host-path' }

/** A tree of plain data at one place. */
function fromPlain(value: unknown, at: Node, rules: FieldRules, rule?: OriginRule): Node {
  if (Array.isArray(value))
    return list(
      value.map(item => fromPlain(item, at, rules)),
      at,
    )
  if (typeof value === 'object' && value !== null) {
    const fields: Record<string, Node> = {}
    for (const [key, field] of Object.entries(value)) fields[key] = fromPlain(field, at, rules, rules[key])
    return map(fields, at)
  }
  return rule ? ruled(rule, value as ScalarValue, at) : scalar(value as ScalarValue, at)
}
