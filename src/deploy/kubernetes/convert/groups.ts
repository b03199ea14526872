import type { Service } from '../../../model/index.ts'
import { type Context, type Subject, subjectOf } from './context.ts'

/** Services that run in one pod, and whose name it has. */
export interface PodGroup {
  readonly owner: Subject
  /** The owner first, then those that share its namespaces or mounts, in the order of the file. */
  readonly members: readonly Subject[]
}

/** Attributes by which a service shares a namespace of another one. */
const SHARES = ['network_mode', 'pid', 'ipc'] as const

/** The pods of a project: services that share namespaces, or volumes that have no name, cannot be parted. */
export function groupsOf(context: Context): PodGroup[] {
  const names = Object.keys(context.project.model.services)
  const guests = new Map<string, string[]>()
  for (const name of names) {
    const host = hostOf(context, name)
    guests.set(host, [...(guests.get(host) ?? []), name])
  }
  return names.flatMap(name => {
    const owner = subjectOf(context, name)
    const within = guests.get(name) ?? []
    if (owner === undefined || !within.includes(name)) return []
    const others = within.filter(each => each !== name)
    return [{ owner, members: [owner, ...others.flatMap(each => subjectOf(context, each) ?? [])] }]
  })
}

/** The service whose pod a service is in: at the end of the chain of those that it shares with. */
function hostOf(context: Context, name: string): string {
  const seen = new Set<string>()
  let at = name
  for (let next = sharedBy(context, at); next !== undefined && !seen.has(at); next = sharedBy(context, at)) {
    seen.add(at)
    at = next.name
  }
  return at
}

/** Whose pod it wants to be in, and by which attribute. */
function sharedBy(context: Context, name: string): { readonly name: string } | undefined {
  const subject = subjectOf(context, name)
  if (subject === undefined) return undefined
  const { service, path } = subject
  for (const attribute of SHARES) {
    const [, other] = /^service:(.+)$/.exec(service[attribute] ?? '') ?? []
    if (other === undefined || subjectOf(context, other) === undefined) continue
    context.notes.choose([...path, attribute], `Pod ${other}`, `containers share a namespace within one pod`)
    return { name: other }
  }
  for (const [index, text] of (service.volumes_from ?? []).entries()) {
    const other = text.replace(/:(?:ro|rw)$/, '')
    const source = subjectOf(context, other)
    if (source === undefined || !hasAnonymous(source.service)) continue
    context.notes.choose(
      [...path, 'volumes_from', index],
      `Pod ${other}`,
      'a volume without a name is shared within one pod alone',
    )
    return { name: other }
  }
  return undefined
}

function hasAnonymous({ volumes = [] }: Service): boolean {
  return volumes.some(({ type, source }) => type === 'volume' && source === undefined)
}
