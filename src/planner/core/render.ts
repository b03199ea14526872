import { type Change, HIDDEN, type PlannedOperation, type Resource, SECRET } from './operation.ts'
import type { PlanOf } from './plan.ts'

export interface RenderPlanOptions {
  readonly color?: boolean
  /** Below a container's line a line for each field: whether it can be changed while that runs, where the file has it, and why not. */
  readonly reaches?: boolean
  /** The folder whose files are named without it. */
  readonly folder?: string
}

/** How operations of one kind of engine are shown. */
export interface Vocabulary<O extends PlannedOperation> {
  /** What a resource's line begins with, by what happens to it. */
  readonly symbols: Readonly<Record<O['action'], '+' | '~' | '-'>>
  /** What is told of a resource if several things happen to it: the first of these. */
  readonly ranks: readonly O['action'][]
  /** Actions that no line is worth: mere waits. */
  readonly silent: readonly O['action'][]
  /** True for one that says most of its resource even without changes: it brings the resource into being. */
  isOrigin(operation: O): boolean
  /** True for what is sure to happen although it has a guard. */
  isCertain(operation: O): boolean
  /** What there is to say beside the name and the changes. */
  detail(operation: O): string
  /** A value of a change, JSON, as people write it. */
  value(path: string, text: string): string
  /** What is done, in parentheses; empty where it goes without saying. */
  remark(headline: O, operations: readonly O[]): string
}

const COLORS: Readonly<Record<string, number>> = { '+': 32, '~': 33, '-': 31, '?': 36 }

/**
 * A plan for people, one line a resource, or one for each of the changes that it gets in several ways, stable: `+ network lamp_back  bridge 172.18.0.0/24`. What happens only if a guard
 * holds begins with `?`. Empty text = nothing to do.
 */
export function renderOperations<O extends PlannedOperation>(
  plan: PlanOf<O>,
  vocabulary: Vocabulary<O>,
  options: RenderPlanOptions = {},
): string {
  const lines = groupByResource(plan.operations).flatMap(operations => {
    const headline = headlineOf(operations, vocabulary)
    if (headline === undefined || vocabulary.silent.includes(headline.action)) return []
    return [headline, ...besides(headline, operations)].flatMap(each => [
      lineOf(each, operations, vocabulary, options),
      ...reachLines(each, options),
    ])
  })
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

function groupByResource<O extends PlannedOperation>(operations: readonly O[]): O[][] {
  const groups = new Map<string, O[]>()
  for (const operation of operations) {
    const key = `${operation.resource.kind} ${operation.resource.name}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [operation])
    else group.push(operation)
  }
  return [...groups.values()]
}

/** The operation that says most: unconditional before guarded, then by rank, then the one with changes. */
function headlineOf<O extends PlannedOperation>(
  operations: readonly O[],
  { ranks, isCertain, isOrigin }: Vocabulary<O>,
): O | undefined {
  const weight = (operation: O): number =>
    (operation.guard === undefined || isCertain(operation) ? 0 : 100) +
    ranks.indexOf(operation.action) * 2 +
    (operation.changes.length > 0 || isOrigin(operation) ? 0 : 1)
  return [...operations].sort((a, b) => weight(a) - weight(b))[0]
}

/** What changes something of its own beside that: a repair with an update. */
function besides<O extends PlannedOperation>(headline: O, operations: readonly O[]): O[] {
  return operations.filter(
    each => each.action !== headline.action && each.guard === undefined && each.changes.length > 0,
  )
}

function lineOf<O extends PlannedOperation>(
  headline: O,
  operations: readonly O[],
  vocabulary: Vocabulary<O>,
  options: RenderPlanOptions,
): string {
  const { resource, guard, changes } = headline
  const symbol = guard === undefined ? vocabulary.symbols[headline.action as O['action']] : '?'
  const detail =
    changes.length > 0
      ? changes.map(change => renderChange(change, vocabulary)).join(', ')
      : vocabulary.detail(headline)
  const remark = vocabulary.remark(headline, operations)
  const text = [`${resource.kind} ${resource.name}`, detail, remark].filter(part => part !== '').join('  ')
  return `${paint(symbol, COLORS[symbol], options)} ${printable(text)}`
}

/** `environment.DEBUG: "0" → "1"`; what is new or gone stands with `+` or `-`. */
function renderChange(
  { path, from, to }: Change,
  { value }: Pick<Vocabulary<PlannedOperation>, 'value'>,
): string {
  if (from === SECRET && to === SECRET) return `${path}: secret changed`
  if (isHidden(from) && isHidden(to)) return `${path}: changed`
  const shown = (text: string): string => (isHidden(text) ? text : value(path, text))
  if (from === undefined) return `${path}: + ${shown(to ?? '')}`
  if (to === undefined) return `${path}: - ${shown(from)}`
  return `${path}: ${shown(from)} → ${shown(to)}`
}

function reachLines({ changes }: PlannedOperation, { reaches, folder = '' }: RenderPlanOptions): string[] {
  if (reaches !== true) return []
  const width = Math.max(...changes.map(({ path }) => path.length))
  return changes.flatMap(({ path, reach, place }) => {
    if (reach === undefined) return []
    const file = place?.file.startsWith(`${folder}/`) ? place.file.slice(folder.length + 1) : place?.file
    const where = place === undefined ? '' : `${file}:${place.line}`
    const why = reach.kind === 'hot' ? '' : reach.because
    const text = `    ${reach.kind.padEnd(8)}  ${path.padEnd(width)}  ${[where, why].filter(Boolean).join(': ')}`
    return [printable(text.trimEnd())]
  })
}

function isHidden(text: string | undefined): boolean {
  return text === HIDDEN || text === SECRET
}

function paint(text: string, color: number | undefined, { color: isColored }: RenderPlanOptions): string {
  return isColored === true && color !== undefined ? `\u001b[${color}m${text}\u001b[0m` : text
}

/** Names and values come from files and labels: nothing in them may steer a terminal. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '�')
}

/** `Container lamp-web-1`, as progress names resources. */
export function resourceLabel({ kind, name }: Resource): string {
  return `${kind[0]?.toUpperCase() ?? ''}${kind.slice(1)} ${name}`
}
