import { nearest } from '../../diagnostics/nearest.ts'
import type { Path } from '../../model/index.ts'
import { profilesOf } from '../profiles/select.ts'
import { asList, child, type Entry, textOf } from '../tree/node.ts'
import type { Consistency } from './context.ts'

/** Dependencies exist, are enabled, and do not run in a circle. */
export function checkDependencies(context: Consistency): void {
  for (const [name, entry] of context.enabled) {
    checkBuildContexts(name, entry, context)
    const dependsOn = child(entry.node, 'depends_on')
    if (dependsOn?.kind !== 'map') continue
    for (const [target, edge] of dependsOn.entries) checkEdge(name, target, edge, context)
  }
  checkCycles(context)
}

function checkEdge(name: string, target: string, edge: Entry, context: Consistency): void {
  if (context.enabled.has(target)) return
  const path: Path = ['services', name, ...whereNamed(name, target, context)]
  const disabled = context.disabled.get(target)
  if (disabled) {
    const required = child(edge.node, 'required')
    if (required?.kind === 'scalar' && required.value === false) return
    const profiles = profilesOf(disabled.node)
    context.reporter.error(
      'DEPENDENCY_DISABLED',
      `enable the service "${target}", which ${name} depends on`,
      {
        path,
        span: edge.key,
        hint:
          profiles.length > 0
            ? `use --profile ${profiles.join(' or --profile ')}, or required: false`
            : undefined,
      },
    )
    return
  }
  if (context.reporter.isBroken(['services', target])) return
  const near = nearest(target, [...context.enabled.keys(), ...context.disabled.keys()])
  context.reporter.error('UNDEFINED_SERVICE', `define the service "${target}", which ${name} depends on`, {
    path,
    node: edge.node,
    span: edge.key,
    hint: near ? `did you mean "${near}"?` : undefined,
  })
}

/**
 * Where the service names the one that it depends on: `depends_on` has by now what follows from namespaces that are shared and
 * from volumes, too, which no user finds there.
 */
function whereNamed(name: string, target: string, { enabled }: Consistency): Path {
  const service = enabled.get(name)?.node
  const own = ['network_mode', 'ipc', 'pid', 'uts'].find(
    key => textOf(child(service, key)) === `service:${target}`,
  )
  if (own !== undefined) return [own]
  const lists = ['volumes_from', 'links'].flatMap(key =>
    (asList(child(service, key))?.items ?? []).map((item, index) => ({ key, index, text: textOf(item) })),
  )
  const item = lists.find(({ text }) => text?.split(':')[0] === target)
  return item === undefined ? ['depends_on', target] : [item.key, item.index]
}

/** `build.additional_contexts` may name a service whose image is built first. */
function checkBuildContexts(name: string, entry: Entry, context: Consistency): void {
  const contexts = child(child(entry.node, 'build'), 'additional_contexts')
  const items =
    contexts?.kind === 'map'
      ? [...contexts.entries.values()].map(({ node }) => node)
      : contexts?.kind === 'list'
        ? contexts.items
        : []
  for (const node of items) {
    const target = /(?:^|=)service:(.+)$/.exec(textOf(node) ?? '')?.[1]
    if (target === undefined || context.enabled.has(target) || context.disabled.has(target)) continue
    context.reporter.error(
      'UNDEFINED_SERVICE',
      `define the service "${target}", whose image ${name} builds from`,
      {
        path: ['services', name, 'build', 'additional_contexts'],
        node,
      },
    )
  }
}

function checkCycles({ enabled, reporter }: Consistency): void {
  const done = new Set<string>()
  for (const start of enabled.keys()) {
    const cycle = findCycle(start, enabled, done)
    if (cycle === undefined) continue
    const [first = '', second = first] = cycle
    const dependsOn = child(enabled.get(first)?.node, 'depends_on')
    const edge = dependsOn?.kind === 'map' ? dependsOn.entries.get(second) : undefined
    reporter.error('DEPENDENCY_CYCLE', `break the circle of dependencies ${cycle.join(' -> ')}`, {
      path: ['services', first, 'depends_on'],
      span: edge?.key,
    })
    return
  }
}

/** Depth first without recursion, since chains may be thousands of services long. */
function findCycle(
  start: string,
  services: ReadonlyMap<string, Entry>,
  done: Set<string>,
): string[] | undefined {
  const chain: { name: string; next: string[] }[] = []
  const onChain = new Set<string>()
  const enter = (name: string): void => {
    chain.push({ name, next: targetsOf(services.get(name)) })
    onChain.add(name)
  }
  if (!done.has(start)) enter(start)
  for (let top = chain.at(-1); top; top = chain.at(-1)) {
    const next = top.next.shift()
    if (next === undefined) {
      done.add(top.name)
      onChain.delete(top.name)
      chain.pop()
    } else if (onChain.has(next)) {
      const from = chain.findIndex(({ name }) => name === next)
      return [...chain.slice(from).map(({ name }) => name), next]
    } else if (!done.has(next) && services.has(next)) enter(next)
  }
  return undefined
}

function targetsOf(entry: Entry | undefined): string[] {
  const dependsOn = child(entry?.node, 'depends_on')
  return dependsOn?.kind === 'map' ? [...dependsOn.entries.keys()] : []
}
