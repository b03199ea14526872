import { nearest } from '../../diagnostics/nearest.ts'
import type { Reporter } from '../reporter.ts'
import { child, type Entry, type MapNode, type Node, textOf } from '../tree/node.ts'

/** What decides which services are wanted. */
export interface Selection {
  readonly profiles: readonly string[]
  /** Names or glob patterns; empty: all that the profiles enable. */
  readonly services: readonly string[]
  /** True: what the selected services depend on is selected too. */
  readonly dependencies: boolean
}

/** Services by their fate. */
export interface SelectedServices {
  readonly enabled: ReadonlyMap<string, Entry>
  readonly disabled: ReadonlyMap<string, Entry>
}

/** Splits the services into those that run and those that are only known. Naming a service enables its profiles. */
export function selectServices(
  services: MapNode,
  selection: Selection,
  reporter: Reporter,
): SelectedServices {
  const named = namedServices(services, selection.services, reporter)
  // A blank one, as of a variable that is not set, is active where none is asked for.
  const profiles = new Set(selection.profiles.length > 0 ? selection.profiles : [''])
  for (const name of named)
    for (const profile of profilesOf(services.entries.get(name)?.node)) profiles.add(profile)
  const active = (node: Node): boolean => {
    const own = profilesOf(node)
    return own.length === 0 || profiles.has('*') || own.some(profile => profiles.has(profile))
  }
  const wanted = named.length > 0 ? closure(services, named, active, selection.dependencies) : undefined
  const enabled = new Map<string, Entry>()
  const disabled = new Map<string, Entry>()
  for (const [name, entry] of services.entries) {
    const isEnabled = active(entry.node) && (wanted === undefined || wanted.has(name))
    ;(isEnabled ? enabled : disabled).set(name, entry)
  }
  return { enabled, disabled }
}

/** Profiles of one service. */
export function profilesOf(service: Node | undefined): string[] {
  const profiles = child(service, 'profiles')
  if (profiles?.kind !== 'list') return []
  return profiles.items.map(item => textOf(item)).filter(profile => profile !== undefined)
}

function namedServices(services: MapNode, patterns: readonly string[], reporter: Reporter): string[] {
  const named = new Set<string>()
  for (const pattern of patterns) {
    const glob = globToRegExp(pattern)
    const matches = [...services.entries.keys()].filter(name => name === pattern || glob?.test(name))
    for (const name of matches) named.add(name)
    if (matches.length === 0) {
      const near = nearest(pattern, [...services.entries.keys()])
      reporter.error('NO_SUCH_SERVICE', `no such service: ${pattern}`, {
        hint: near ? `did you mean "${near}"?` : undefined,
      })
    }
  }
  return [...named]
}

/** `*`, `?` and `[…]` as in Go's filepath.Match; undefined for a plain name. */
function globToRegExp(pattern: string): RegExp | undefined {
  if (!/[*?[]/.test(pattern)) return undefined
  const body = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
  try {
    return new RegExp(`^${body}$`)
  } catch (error) {
    // An unclosed bracket is no pattern, so it can only be a name.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function closure(
  services: MapNode,
  named: readonly string[],
  active: (node: Node) => boolean,
  dependencies: boolean,
): Set<string> {
  const wanted = new Set<string>()
  const queue = [...named]
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const entry = services.entries.get(name)
    if (entry === undefined || wanted.has(name)) continue
    wanted.add(name)
    if (!dependencies) continue
    const dependsOn = child(entry.node, 'depends_on')
    if (dependsOn?.kind !== 'map') continue
    for (const target of dependsOn.entries.keys()) {
      const node = services.entries.get(target)?.node
      if (node && active(node)) queue.push(target)
    }
  }
  return wanted
}
