import { type Attribute, attributesOf, SERVICE } from '../../model/attributes/index.ts'
import type { Service } from '../../model/index.ts'
import type { Change, ChangeReach } from '../core/operation.ts'
import type { ObservedContainer } from '../observed/observed.ts'
import { isBound, isContent, ON_CHANGE } from '../spec/secrets.ts'
import { hasOldLinks } from './links.ts'

/** How a container that is there gets what the file says: fields of its create request that its engine changes, or why it needs another one. */
type Reach = { readonly fields: readonly string[] } | { readonly cold: string }

/**
 * How a difference reaches the container. What can be hot is said by the table of attributes, and which fields of this very container can, by its
 * engine; another engine says nothing, and all is cold there.
 */
function reachOf(change: Change, container: ObservedContainer, service: Service): Reach {
  if (isBound(change.path)) return { fields: [TOLD] }
  if (isContent(change.path)) return reachOfContent(container, service)
  // Its labels know from now on what it has.
  if (change.path === ON_CHANGE) return { fields: ['Labels'] }
  if (hasOldLinks(service) && /^external_links\b/.test(change.path))
    return { cold: 'links of the default bridge are settled when a container is made' }
  const reaches = partsOf(change).map(part => reachOfPart(part, container))
  const cold = reaches.find(reach => 'cold' in reach)
  return cold ?? { fields: [...new Set(reaches.flatMap(reach => ('fields' in reach ? reach.fields : [])))] }
}

/** Stands among the fields for the content of configs and secrets that are in no file, which is no field of a request. */
export const CONTENTS = 'contents'

/** Of those that are files which it has bound: its process is told of them, where the service says how. */
export const TOLD = 'told'

/** A process may have read it when it began: who stays with it says so. */
function reachOfContent({ adapts = [] }: ObservedContainer, service: Service): Reach {
  if (adapts.length === 0) return { cold: 'its engine changes nothing of a container that runs' }
  if (service['x-tscompose']?.on_change === undefined)
    return { cold: 'its processes may have read it already (x-tscompose.on_change says what tells them)' }
  return service.read_only === true ? { cold: 'nothing can be put into its root' } : { fields: [CONTENTS] }
}

function reachOfPart(change: Change, { adapts = [], fixed = {}, state }: ObservedContainer): Reach {
  const { path, to } = change
  const attribute = attributeAt(path)
  if (attribute === undefined) return { cold: 'what it was made from is not known in detail' }
  const name = attribute.path.join('.')
  if (attribute.effect?.change !== 'hot') return { cold: `${name} is settled when a container is made` }
  // Whether it is held at all decides on rights, which a process keeps or has lost.
  if (name === 'x-tscompose.egress' && to === undefined)
    return { cold: 'rights that a process has given up do not come back' }
  // How much of it is kept is not settled, nor what that is called.
  if (name.startsWith('logging') && isLogless(path, change.from) !== isLogless(path, to))
    return { cold: 'whether there is a log is settled when a container is made' }
  if (/^annotations\.com\.tscompose\./.test(path)) return { cold: 'it decides what is mounted at a start' }
  const fields = attribute.effect.sets.map(field =>
    adapts.find(each => field === each || field.startsWith(`${each}.`)),
  )
  if (!fields.includes(undefined)) return { fields: fields.flatMap(field => field ?? []) }
  if (adapts.length > 0) return { cold: whyFixed(attribute, fixed) }
  if (state === 'paused') return { cold: 'it is paused' }
  return {
    cold: state === 'running' ? 'its engine changes nothing of a container that runs' : 'it does not run',
  }
}

function whyFixed({ path, effect }: Attribute, fixed: Readonly<Record<string, string>>): string {
  const [reason] = Object.entries(fixed).flatMap(([field, because]) =>
    effect?.sets.some(each => each === field || each.startsWith(`${field}.`)) ? [because] : [],
  )
  return reason || `${path.join('.')} of this container is settled since its start`
}

function isLogless(path: string, text: string | undefined): boolean {
  return (
    (path === 'logging' ? textOf(partsIn(text)['driver']) : path === 'logging.driver' ? text : '') ===
    '"none"'
  )
}

/** A difference of an attribute that is there on one side alone, by the parts that have effects of their own. */
function partsOf(change: Change): readonly Change[] {
  const { path } = change
  const attribute = attributeAt(path)
  const isWhole = attribute !== undefined && attribute.path.join('.') === path
  if (!isWhole || (attribute.effect !== undefined && path !== 'annotations')) return [change]
  const [from, to] = [partsIn(change.from), partsIn(change.to)]
  const parts = [...new Set([...Object.keys(from), ...Object.keys(to)])].map(name => ({
    path: `${path}.${name}`,
    from: textOf(from[name]),
    to: textOf(to[name]),
  }))
  return parts.length === 0 ? [change] : parts.flatMap(partsOf)
}

/** The values of a change are JSON, or words in place of what is hidden. */
function partsIn(text: string | undefined): Readonly<Record<string, unknown>> {
  return text?.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {}
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value)
}

/** The same for people. */
export function toldReach(change: Change, container: ObservedContainer, service: Service): ChangeReach {
  const reach = reachOf(change, container, service)
  return 'cold' in reach ? { kind: 'recreate', because: reach.cold } : { kind: 'hot' }
}

/** Fields of all the differences; undefined where one of them is cold. */
export function hotFields(
  changes: readonly Change[],
  container: ObservedContainer,
  service: Service,
): ReadonlySet<string> | undefined {
  const reaches = changes.map(change => reachOf(change, container, service))
  if (reaches.some(reach => 'cold' in reach)) return undefined
  return new Set(reaches.flatMap(reach => ('fields' in reach ? reach.fields : [])))
}

let known: readonly { readonly pattern: RegExp; readonly attribute: Attribute }[] | undefined

/** The attribute that a path of a difference lies in, the innermost one. */
function attributeAt(path: string): Attribute | undefined {
  known ??= attributesOf(SERVICE)
    .map(attribute => ({ attribute, pattern: patternOf(attribute.path) }))
    .sort((a, b) => b.attribute.path.length - a.attribute.path.length)
  const plain = path.replace(/\[[^\]]*\]/g, '')
  return known.find(({ pattern }) => pattern.test(plain))?.attribute
}

function patternOf(path: readonly string[]): RegExp {
  const parts = path.map(part => (part === '*' ? '[^.]+' : part.replace(/[^\w-]/g, '\\$&')))
  return new RegExp(`^${parts.join('\\.')}(?:\\.|$)`)
}
