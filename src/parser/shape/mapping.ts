import type { Path } from '../../model/index.ts'
import { scalarText } from '../merge/key-values.ts'
import type { Reporter } from '../reporter.ts'
import type { Node } from '../tree/node.ts'

/** A map, or a list of `KEY=value`, as sorted text by key; undefined when it has no keys. */
export function decodeMapping(
  node: Node,
  nulls: 'keep' | 'blank',
  reporter: Reporter,
  path: Path,
): Record<string, string | null> | undefined {
  const pairs: [string, string | null][] = []
  const blank = nulls === 'keep' ? null : ''
  if (node.kind === 'map') {
    for (const [key, { node: value }] of node.entries)
      if (value.kind === 'scalar') pairs.push([key, value.value === null ? blank : scalarText(value.value)])
  } else if (node.kind === 'list') {
    for (const item of node.items) {
      if (item.kind !== 'scalar') continue
      const text = scalarText(item.value)
      const at = text.indexOf('=')
      if (nulls === 'keep' && at > 0 && text[at - 1] === ' ')
        reporter.error('INVALID_VARIABLE', `remove the blank before = in "${text}"`, { path, node: item })
      pairs.push(at < 0 ? [text, blank] : [text.slice(0, at), text.slice(at + 1)])
    }
  } else {
    reporter.error('INVALID_TYPE', 'write a mapping or a list of KEY=value', { path, node })
    return undefined
  }
  const result = Object.create(null) as Record<string, string | null>
  for (const [key, value] of pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) result[key] = value
  return pairs.length > 0 ? result : undefined
}

/** `extra_hosts` as sorted `host=address`; brackets of IPv6 addresses go. */
export function decodeHosts(node: Node, reporter: Reporter, path: Path): string[] | undefined {
  if (node.kind === 'list')
    for (const [index, item] of node.items.entries())
      if (hostOf(item) === undefined)
        reporter.error('INVALID_HOST', 'write HOST=ADDRESS', { path: [...path, index], node: item })
  const hosts = hostItems(node)
  return hosts.length > 0 ? hosts.map(({ line }) => line) : undefined
}

/** The lines of `extra_hosts` in the order of the model, each with the node that says it. */
export function hostItems(node: Node): { readonly line: string; readonly node: Node }[] {
  const items: { line: string; node: Node }[] = []
  if (node.kind === 'map') {
    for (const [host, { node: value }] of node.entries)
      for (const address of value.kind === 'list' ? value.items : [value])
        if (address.kind === 'scalar')
          items.push({ line: hostLine(host, scalarText(address.value)), node: address })
  } else if (node.kind === 'list') {
    for (const item of node.items) {
      const line = hostOf(item)
      if (line !== undefined) items.push({ line, node: item })
    }
  }
  return items.sort((a, b) => (a.line < b.line ? -1 : a.line > b.line ? 1 : 0))
}

function hostOf(item: Node): string | undefined {
  const match = item.kind === 'scalar' ? /^([^=:]+)[=:]\s*(.*)$/.exec(scalarText(item.value)) : null
  return match ? hostLine(match[1] ?? '', match[2] ?? '') : undefined
}

function hostLine(host: string, address: string): string {
  return `${host.trim()}=${address.trim().replace(/^\[(.*)\]$/, '$1')}`
}
