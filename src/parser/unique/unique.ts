import { cleanPath, parseShortVolume } from '../canonical/short-volume.ts'
import { scalarText } from '../merge/key-values.ts'
import type { Scope } from '../scope.ts'
import { child, type Node, replacing, textOf } from '../tree/node.ts'
import { compileRules } from '../tree/pattern.ts'
import { type Rewrite, rewrite } from '../tree/walk.ts'

/** What two items of one list must not have in common; undefined: the item is unique by itself. */
type KeyOf = (item: Node) => string | undefined

/** Removes doubles from lists that have a key: the later item takes the place of the earlier one. */
export function removeDoubles(node: Node, scope: Scope): Node {
  return rewrite(node, RULES, scope) ?? node
}

function unique(keyOf: KeyOf): Rewrite<Scope> {
  return node => {
    if (node.kind !== 'list' || node.items.length < 2) return node
    const items: Node[] = []
    const places = new Map<string, number>()
    for (const item of node.items) {
      const key = keyOf(item)
      const place = key === undefined ? undefined : places.get(key)
      const earlier = place === undefined ? undefined : items[place]
      if (place !== undefined && earlier) items[place] = replacing(item, earlier)
      else {
        if (key !== undefined) places.set(key, items.length)
        items.push(item)
      }
    }
    return items.length === node.items.length ? node : { ...node, items }
  }
}

const beforeEquals: KeyOf = item => {
  const text = textOf(item)
  const at = text?.indexOf('=') ?? -1
  return at < 0 ? text : text?.slice(0, at)
}

const wholeValue: KeyOf = item => (item.kind === 'scalar' ? scalarText(item.value) : undefined)

const volumeTarget: KeyOf = item => {
  const text = textOf(item)
  if (text === undefined) {
    const target = textOf(child(item, 'target'))
    return target === undefined ? undefined : cleanPath(target)
  }
  const volume = parseShortVolume(text)
  return typeof volume === 'string' ? undefined : volume.target
}

const deviceTarget: KeyOf = item => {
  const text = textOf(item)
  if (text === undefined) return textOf(child(item, 'target')) ?? textOf(child(item, 'source'))
  const parts = text.split(':')
  return parts[1] ?? parts[0]
}

function mountTarget(folder: string): KeyOf {
  return item => {
    const text = textOf(item)
    if (text !== undefined) return `${folder}/${text}`
    return textOf(child(item, 'target')) ?? `${folder}/${textOf(child(item, 'source')) ?? ''}`
  }
}

const envFilePath: KeyOf = item => textOf(item) ?? textOf(child(item, 'path'))

const port: KeyOf = item => {
  if (item.kind === 'scalar') return scalarText(item.value)
  const field = (key: string, fallback: string): string => {
    const value = child(item, key)
    if (value?.kind !== 'scalar' || value.value === null) return fallback
    // Docker Compose tells 8080 from "8080" here.
    return key === 'published' && typeof value.value === 'number'
      ? `#${value.value}`
      : scalarText(value.value)
  }
  const [ip, published] = [field('host_ip', '0.0.0.0'), field('published', '')]
  return `${ip}:${published}:${field('target', '')}/${field('protocol', 'tcp')}`
}

const BEFORE_EQUALS = [
  'annotations',
  'build.additional_contexts',
  'build.args',
  'build.labels',
  'build.tags',
  'cap_add',
  'cap_drop',
  'deploy.labels',
  'dns',
  'dns_opt',
  'dns_search',
  'environment',
  'labels',
  'links',
  'networks.*.aliases',
  'networks.*.link_local_ips',
  'profiles',
  'sysctls',
  'tmpfs',
]

const RULES = compileRules<Rewrite<Scope>>([
  ...BEFORE_EQUALS.map(attribute => [`services.*.${attribute}`, unique(beforeEquals)] as const),
  ['networks.*.labels', unique(beforeEquals)],
  ['services.*.configs', unique(mountTarget(''))],
  ['services.*.devices', unique(deviceTarget)],
  ['services.*.env_file', unique(envFilePath)],
  ['services.*.expose', unique(wholeValue)],
  ['services.*.ports', unique(port)],
  ['services.*.secrets', unique(mountTarget('/run/secrets'))],
  ['services.*.volumes', unique(volumeTarget)],
])
