import { type RenderPlanOptions, renderOperations, type Vocabulary } from '../core/render.ts'
import type { Operation, PullImage } from './operation.ts'
import type { Plan } from './plan.ts'
import { riskOf } from './risk.ts'
import { shortValue } from './short-value.ts'

const VOCABULARY: Vocabulary<Operation> = {
  symbols: {
    create: '+',
    pull: '+',
    push: '+',
    build: '+',
    recreate: '~',
    update: '~',
    repair: '~',
    restart: '~',
    start: '~',
    stop: '~',
    kill: '~',
    pause: '~',
    unpause: '~',
    wait: '~',
    remove: '-',
  },
  ranks: [
    'recreate',
    'create',
    'build',
    'pull',
    'push',
    'remove',
    'update',
    'restart',
    'repair',
    'unpause',
    'pause',
    'kill',
    'stop',
    'start',
    'wait',
  ],
  silent: ['wait'],
  isOrigin: ({ type }) => type.startsWith('create'),
  isCertain: ({ action }) => action === 'recreate',
  detail: detailOf,
  value: shortValue,
  remark: remarkOf,
}

/** The plan for people: what happens only if an image turns out to be another one begins with `?`. */
export function renderPlan(plan: Plan, options: RenderPlanOptions = {}): string {
  return renderOperations(plan, VOCABULARY, options)
}

function detailOf(operation: Operation): string {
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
      return detailOfPull(operation)
    case 'buildImage':
      return operation.cause
    default:
      return isSelfEvident(operation) ? '' : operation.cause
  }
}

function detailOfPull({ cause, registryAnswer }: PullImage): string {
  if (registryAnswer === undefined) return cause
  if (registryAnswer === 'no answer') return `${cause}, its registry gives no answer`
  return `${cause}, cannot be had: ${registryAnswer}`
}

/** A command that was asked for needs no reason: `stop`, `down`. */
function isSelfEvident({ action, cause }: Operation): boolean {
  return (
    action === 'remove' ||
    action === 'push' ||
    cause === action ||
    cause.startsWith('down') ||
    cause.startsWith('rm')
  )
}

/** Creation goes without saying. */
function remarkOf({ action, guard, cause }: Operation, operations: readonly Operation[]): string {
  if (action === 'create')
    return operations.some(({ type }) => type.startsWith('start')) ? '' : noteUnstarted(operations)
  if (action === 'remove') return /^(?:down|rm)\b/.test(cause) ? '' : `(remove: ${cause})`
  const isBeside = operations.some(({ type }) => type === 'relieveContainer')
  const how = isBeside ? `${action}: start new, move names and ports, drain and stop old` : action
  const lost = operations.flatMap(each => riskOf(each).losesData)
  if (guard === undefined)
    return lost.length === 0 ? `(${how})` : `(${how}, without the data of ${lost.join(', ')})`
  const images = guard.imageChanged.map(({ reference }) => reference)
  return `(${how} if image ${[...new Set(images)].join(' or ')} is another one then)`
}

function noteUnstarted(operations: readonly Operation[]): string {
  return operations.some(({ type }) => type === 'createContainer') ? '(not started)' : ''
}
