import { failure } from '../../../diagnostics/index.ts'
import { nearest } from '../../../diagnostics/nearest.ts'
import { PROJECT } from '../../../model/attributes/project.ts'
import type { Shape } from '../../../model/attributes/shape.ts'
import type { Path, Project } from '../../../model/index.ts'
import { printable } from '../../../parser/shape/render.ts'
import { parsePath, pathText, type Segment } from './path.ts'

/** A value that is to be explained. */
export interface Target {
  readonly path: Path
  readonly value: unknown
}

/** How far a search came. */
interface Attempt {
  readonly path: Path
  readonly value: unknown
  readonly rest: readonly Segment[]
}

/** The whole model as `config` shows it, contents of secrets hidden, with the services that are disabled. */
export function shownModel(project: Project): Record<string, unknown> {
  const model = printable(project.model, 'yaml')
  const disabled = printable({ services: project.disabledServices }, 'yaml')['services']
  return { ...model, services: { ...(model['services'] as object), ...(disabled as object) } }
}

/** Finds what the user names, below a service or else from the top; throws NO_SUCH_SERVICE or NO_SUCH_VALUE. */
export function findTarget(text: string, project: Project): Target {
  const segments = parsePath(text)
  const model = shownModel(project)
  const roots = [
    { path: ['services'], value: model['services'] },
    { path: [], value: model },
  ]
  const attempts = roots.map(root => descend({ ...root, rest: segments }))
  const found = attempts.find(({ rest }) => rest.length === 0)
  if (found) return { path: found.path, value: found.value }
  const bare = bareTarget(segments, project)
  if (bare) return bare
  throw notFound(furthest(attempts), model)
}

/** The search that came furthest; of equal ones that which has something like the name that was missed. */
function furthest(attempts: readonly Attempt[]): Attempt {
  const rank = ({ value, rest }: Attempt): number =>
    rest.length - (nearest(rest[0]?.text ?? '', keysIn(value)) === undefined ? 0 : 0.5)
  return attempts.reduce((best, attempt) => (rank(attempt) < rank(best) ? attempt : best))
}

function keysIn(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : []
}

/** Follows segments as far as they lead. Keys may hold dots, so several segments may make one key. */
function descend(from: Attempt): Attempt {
  const { path, value, rest } = from
  let best = from
  for (const { key, length } of keysOf(rest, Array.isArray(value))) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) continue
    const below = (value as Record<string | number, unknown>)[key]
    const attempt = descend({ path: [...path, key], value: below, rest: rest.slice(length) })
    if (attempt.rest.length === 0) return attempt
    if (attempt.rest.length < best.rest.length) best = attempt
  }
  return best
}

function keysOf(
  segments: readonly Segment[],
  isList: boolean,
): { readonly key: string | number; readonly length: number }[] {
  const [first] = segments
  if (first === undefined) return []
  if (isList) return /^\d+$/.test(first.text) ? [{ key: Number(first.text), length: 1 }] : []
  const keys = [{ key: first.text, length: 1 }]
  let key = first.text
  for (const [index, { text, exact }] of segments.entries()) {
    if (exact) break
    if (index === 0) continue
    key += `.${text}`
    keys.push({ key, length: index + 1 })
  }
  return keys
}

/** What the model has and `config` leaves out since it says nothing: null for the image's command, an empty object. */
function bareTarget(segments: readonly Segment[], project: Project): Target | undefined {
  const { model, disabledServices } = project
  const services = { ...disabledServices, ...model.services }
  for (const root of [
    { path: ['services'], value: services },
    { path: [], value: { ...model, services } },
  ]) {
    const { path, value, rest } = descend({ ...root, rest: segments })
    const isBare = value === null || (typeof value === 'object' && Object.keys(value).length === 0)
    if (rest.length === 0 && isBare) return { path, value }
  }
  return undefined
}

function notFound({ path, value, rest }: Attempt, model: Readonly<Record<string, unknown>>): Error {
  const wanted = rest.map(({ text }) => text).join('.')
  const first = rest[0]?.text ?? wanted
  const keys = keysIn(value)
  if (path.length === 0 || (path.length === 1 && path[0] === 'services')) {
    const services = Object.keys(model['services'] as object)
    return failure({
      code: 'NO_SUCH_SERVICE',
      kind: 'notFound',
      summary: `name a service of the project, got "${first}"`,
      ...hintOf(near(first, wanted, [...services, ...Object.keys(model)]) ?? listed(services)),
    })
  }
  const place = pathText(path)
  const isUnset = attributeNames(path).includes(first)
  const items = Array.isArray(value) ? `it has ${keys.length}, the first is ${place}[0]` : undefined
  return failure({
    code: 'NO_SUCH_VALUE',
    kind: 'notFound',
    summary: isUnset
      ? `nothing sets ${place}.${first}, and no rule gives it a value`
      : `name a value of ${place}, got "${wanted}"`,
    ...hintOf(
      items ??
        (isUnset ? listed(keys) : (near(first, wanted, [...keys, ...attributeNames(path)]) ?? listed(keys))),
    ),
  })
}

function near(first: string, wanted: string, names: readonly string[]): string | undefined {
  const found = nearest(first, names) ?? nearest(wanted, names)
  return found === undefined ? undefined : `did you mean "${found}"?`
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'it is a value of its own: nothing is below it'
  const shown = names.slice(0, 12).join(', ')
  return `there ${names.length === 1 ? 'is' : 'are'} ${shown}${names.length > 12 ? ' …' : ''}`
}

function hintOf(hint: string): { hint: string } {
  return { hint }
}

/** Attributes that Compose knows at a path, set or not; none where keys are the user's own. */
function attributeNames(path: Path): string[] {
  let shape: Shape | undefined = PROJECT
  for (const segment of path) {
    if (shape?.type === 'struct') shape = shape.fields.find(({ name }) => name === segment)?.shape
    else shape = shape?.type === 'record' || shape?.type === 'list' ? shape.of : undefined
  }
  return shape?.type === 'struct' ? shape.fields.map(({ name }) => name) : []
}
