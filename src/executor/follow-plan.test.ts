import { expect, test } from 'vitest'
import { failure } from '../diagnostics/index.ts'
import {
  OperationCollector,
  operationsToJson,
  type PlannedOperation,
  renderOperations,
  type Vocabulary,
} from '../planner/index.ts'
import { type Follower, followPlan } from './follow-plan.ts'
import type { Outcome } from './options.ts'
import type { ProgressEvent } from './progress.ts'

/** Operations of an engine that is no Docker Engine: objects of a cluster. */
interface ApplyObject extends PlannedOperation {
  readonly type: 'applyObject' | 'deleteObject'
  readonly action: 'create' | 'update' | 'remove'
  readonly namespace: string
}

const VOCABULARY: Vocabulary<ApplyObject> = {
  symbols: { create: '+', update: '~', remove: '-' },
  ranks: ['create', 'update', 'remove'],
  silent: [],
  isOrigin: () => false,
  isCertain: () => false,
  detail: ({ namespace }) => `in ${namespace}`,
  remark: () => '',
  value: (_path, text) => text,
}

function object(
  kind: string,
  name: string,
  action: ApplyObject['action'],
  more: Partial<ApplyObject> = {},
): ApplyObject {
  return {
    id: `${kind}:${name}:${action}`,
    type: action === 'remove' ? 'deleteObject' : 'applyObject',
    after: [],
    resource: { kind, name },
    action,
    cause: 'the file says so',
    changes: [],
    namespace: 'shop',
    ...more,
  }
}

function plan() {
  const collector = new OperationCollector<ApplyObject>('shop')
  const claim = collector.add(object('claim', 'data', 'create'))
  const set = collector.add(
    object('deployment', 'web', 'update', {
      after: [claim],
      changes: [{ path: 'replicas', from: '1', to: '3' }],
    }),
  )
  collector.add(object('job', 'old', 'remove', { after: [set], bestEffort: true }))
  collector.add(object('service', 'web', 'create', { after: [set] }))
  return collector.collect()
}

test('a plan of another engine has the same text and the same JSON', () => {
  expect(renderOperations(plan(), VOCABULARY)).toBe(
    '+ claim data  in shop\n~ deployment web  replicas: 1 → 3\n- job old  in shop\n+ service web  in shop\n',
  )
  expect(operationsToJson(plan())).toMatchObject({
    project: 'shop',
    operations: [
      { id: 'claim:data:create', namespace: 'shop' },
      { changes: [{ path: 'replicas', from: '1', to: '3' }] },
      { bestEffort: true },
      {},
    ],
  })
})

test('a plan of another engine is followed in order; what failed stops what comes after it alone', async () => {
  const done: string[] = []
  const tolerated: string[] = []
  const events: ProgressEvent[] = []
  const follower: Follower<ApplyObject> = {
    execute: async ({ id, action, resource }) => {
      if (action === 'remove' || resource.kind === 'service')
        throw failure({ code: 'FORBIDDEN', summary: 'no' })
      done.push(id)
    },
    isUnneeded: async ({ resource }) => resource.kind === 'claim',
    words: () => ({ begin: 'Creating', end: 'Created' }),
    isTolerable: ({ code }, { bestEffort }) => bestEffort === true && code !== 'GONE',
    onTolerated: ({ id }) => void tolerated.push(id),
  }
  const outcomes = new Map<string, Outcome>()
  const followed = await followPlan(plan(), follower, outcomes, { onEvent: event => events.push(event) })
  expect(done).toEqual(['deployment:web:update'])
  expect(tolerated).toEqual(['job:old:remove'])
  expect(Object.fromEntries(followed.outcomes)).toEqual({
    'claim:data:create': 'unneeded',
    'deployment:web:update': 'done',
    'job:old:remove': 'failed',
    'service:web:create': 'failed',
  })
  expect(followed.failures.map(({ operation }) => operation.id)).toEqual(['service:web:create'])
  expect(events.map(({ resource, status }) => `${resource} ${status}`).sort()).toEqual([
    'Deployment web done',
    'Deployment web working',
    'Job old warning',
    'Job old working',
    'Service web error',
    'Service web working',
  ])
})

test('what may fail does not when the engine itself has gone', async () => {
  const follower: Follower<ApplyObject> = {
    execute: async ({ action }) => {
      if (action === 'remove') throw failure({ code: 'GONE', summary: 'nobody is there' })
    },
    isUnneeded: async () => false,
    words: () => ({}),
    isTolerable: ({ code }, { bestEffort }) => bestEffort === true && code !== 'GONE',
    onTolerated: () => undefined,
  }
  const { failures } = await followPlan(plan(), follower, new Map(), {})
  expect(failures.map(({ operation }) => operation.id)).toContain('job:old:remove')
})
