import type { Action, Change, Operation, Resource } from './operation.ts'
import type { Plan } from './plan.ts'
import { SECRET } from './spec/diff.ts'

export interface RenderPlanOptions {
  readonly color?: boolean
}

const SYMBOLS: Readonly<Record<Action, string>> = {
  create: '+',
  pull: '+',
  build: '+',
  recreate: '~',
  update: '~',
  restart: '~',
  start: '~',
  stop: '~',
  kill: '~',
  pause: '~',
  unpause: '~',
  wait: '~',
  remove: '-',
}

const COLORS: Readonly<Record<string, number>> = { '+': 32, '~': 33, '-': 31, '?': 36 }

/** What is told of a resource if several things happen to it: the first of these. */
const RANK: readonly Action[] = [
  'recreate',
  'create',
  'build',
  'pull',
  'remove',
  'update',
  'restart',
  'unpause',
  'pause',
  'kill',
  'stop',
  'start',
  'wait',
]

/**
 * The plan for people, one line a resource, stable: `+ network lamp_back  bridge 172.18.0.0/24`. What happens only if an
 * image turns out to be another one begins with `?`. Mere waits are left out. Empty text = nothing to do.
 */
export function renderPlan(plan: Plan, options: RenderPlanOptions = {}): string {
  const lines = groupByResource(plan.operations).flatMap(operations => {
    const headline = headlineOf(operations)
    return headline === undefined || headline.action === 'wait' ? [] : [lineOf(headline, operations, options)]
  })
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

function groupByResource(operations: readonly Operation[]): Operation[][] {
  const groups = new Map<string, Operation[]>()
  for (const operation of operations) {
    const key = `${operation.resource.kind} ${operation.resource.name}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [operation])
    else group.push(operation)
  }
  return [...groups.values()]
}

/** The operation that says most: unconditional before guarded, then by rank, then the one with changes. */
function headlineOf(operations: readonly Operation[]): Operation | undefined {
  const weight = (operation: Operation): number =>
    (operation.guard === undefined || operation.action === 'recreate' ? 0 : 100) +
    RANK.indexOf(operation.action) * 2 +
    (operation.changes.length > 0 || operation.type.startsWith('create') ? 0 : 1)
  return [...operations].sort((a, b) => weight(a) - weight(b))[0]
}

function lineOf(headline: Operation, operations: readonly Operation[], options: RenderPlanOptions): string {
  const { resource, action, guard } = headline
  const symbol = guard === undefined ? SYMBOLS[action] : '?'
  const detail = detailOf(headline)
  const remark = remarkOf(headline, operations)
  const text = [`${resource.kind} ${resource.name}`, detail, remark].filter(part => part !== '').join('  ')
  return `${paint(symbol, COLORS[symbol], options)} ${printable(text)}`
}

function detailOf(operation: Operation): string {
  if (operation.changes.length > 0) return operation.changes.map(renderChange).join(', ')
  switch (operation.type) {
    case 'createNetwork': {
      const subnets = (operation.network.ipam.config ?? []).flatMap(pool => pool.subnet ?? [])
      return [operation.network.driver ?? 'bridge', ...subnets].join(' ')
    }
    case 'createVolume':
      return operation.volume.driver ?? 'local'
    case 'createContainer':
      return operation.action === 'create' ? `image ${operation.image}` : operation.cause
    case 'pullImage':
    case 'buildImage':
      return operation.cause
    default:
      return isSelfEvident(operation) ? '' : operation.cause
  }
}

/** A command that was asked for needs no reason: `stop`, `down`. */
function isSelfEvident({ action, cause }: Operation): boolean {
  return action === 'remove' || cause === action || cause.startsWith('down') || cause.startsWith('rm')
}

/** `environment.DEBUG: "0" → "1"`; what is new or gone stands with `+` or `-`. */
export function renderChange({ path, from, to }: Change): string {
  if (from === SECRET && to === SECRET) return `${path}: secret changed`
  if (from === undefined) return `${path}: + ${to ?? ''}`
  if (to === undefined) return `${path}: - ${from}`
  return `${path}: ${from} → ${to}`
}

/** What is done, in parentheses; creation goes without saying. */
function remarkOf({ action, guard, cause }: Operation, operations: readonly Operation[]): string {
  if (action === 'create')
    return operations.some(({ type }) => type.startsWith('start')) ? '' : noteUnstarted(operations)
  if (action === 'remove') return /^(?:down|rm)\b/.test(cause) ? '' : `(remove: ${cause})`
  if (guard === undefined) return `(${action})`
  const images = guard.imageChanged.map(({ reference }) => reference)
  return `(${action} if image ${[...new Set(images)].join(' or ')} is another one then)`
}

function noteUnstarted(operations: readonly Operation[]): string {
  return operations.some(({ type }) => type === 'createContainer') ? '(not started)' : ''
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
