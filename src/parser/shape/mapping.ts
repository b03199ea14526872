import type { Path } from '../../model/index.ts'
import { textOfScalar } from '../merge/key-values.ts'
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
      if (value.kind === 'scalar') pairs.push([key, value.value === null ? blank : textOfScalar(value)])
  } else if (node.kind === 'list') {
    for (const item of node.items) {
      if (item.kind !== 'scalar') continue
      const text = textOfScalar(item)
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
      if (hostLines(item).length === 0)
        reporter.error('INVALID_HOST', 'write HOST=ADDRESS', { path: [...path, index], node: item })
  if (node.kind === 'map')
    for (const [host, entry] of node.entries)
      if (!isHostName(host))
        reporter.error('INVALID_HOST', `write a host name, got "${host}"`, {
          path: [...path, host],
          node: entry.node,
        })
  const hosts = hostItems(node)
  return hosts.length > 0 ? hosts.map(({ line }) => line) : undefined
}

/** The lines of `extra_hosts` in the order of the model, each with the node that says it. */
export function hostItems(node: Node): { readonly line: string; readonly node: Node }[] {
  const items: { line: string; node: Node }[] = []
  if (node.kind === 'map') {
    for (const [host, { node: value }] of node.entries)
      for (const address of value.kind === 'list' ? value.items : [value])
        if (address.kind === 'scalar' && isHostName(host))
          items.push({ line: hostLine(host, textOfScalar(address)), node: address })
  } else if (node.kind === 'list') {
    for (const item of node.items) for (const line of hostLines(item)) items.push({ line, node: item })
  }
  return items.sort((a, b) => (a.line < b.line ? -1 : a.line > b.line ? 1 : 0))
}

/** `HOST=ADDRESS` or `HOST:ADDRESS`, with several addresses after commas; no lines when there is no host. */
function hostLines(item: Node): string[] {
  const text = item.kind === 'scalar' ? textOfScalar(item) : ''
  const at = text.includes('=') ? text.indexOf('=') : text.indexOf(':')
  const host = text.slice(0, Math.max(at, 0))
  if (!isHostName(host)) return []
  return text
    .slice(at + 1)
    .split(',')
    .map(address => hostLine(host, address))
}

function isHostName(text: string): boolean {
  return /^[^=:]+$/.test(text)
}

function hostLine(host: string, address: string): string {
  return `${host}=${address.replace(/^\[(.*)\]$/, '$1')}`
}
