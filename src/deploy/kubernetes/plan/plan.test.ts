import { describe, expect, test } from 'vitest'
import type { ClusterObject, ObjectRef, OwnedFields } from '../cluster/object.ts'
import { changesBetween } from './changes.ts'
import { isApplied, partOf } from './fields.ts'
import { inOrder, makePlan, operation } from './make-plan.ts'

const WANTED = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'n', labels: { app: 'web' } },
  spec: {
    replicas: 1,
    template: { spec: { containers: [{ name: 'c', image: 'r/c:1', args: ['a', 'b'] }] } },
  },
}

const CONTAINER = { '.': {}, 'f:name': {}, 'f:image': {}, 'f:args': {} }
const OWNED: OwnedFields = {
  'f:metadata': { 'f:labels': { 'f:app': {} } },
  'f:spec': {
    'f:replicas': {},
    'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"c"}': CONTAINER } } },
  },
}

/** As a server has it: with defaults, containers of others, and whose what is. */
function live(spec: object = {}, fieldsV1: OwnedFields = OWNED): ClusterObject {
  const containers = [
    { name: 'sidecar', image: 's' },
    { ...WANTED.spec.template.spec.containers[0], imagePullPolicy: 'Always' },
  ]
  return {
    ...WANTED,
    metadata: {
      ...WANTED.metadata,
      uid: 'u',
      managedFields: [{ manager: 'tscompose', operation: 'Apply', fieldsV1 }],
    },
    spec: { replicas: 1, revisionHistoryLimit: 10, template: { spec: { containers } }, ...spec },
    status: {},
  }
}

describe('an object that is as it should be is seen to be so without a question', () => {
  test('whatever defaults and others have put in', () => {
    expect(isApplied(live(), WANTED)).toBe(true)
  })

  test.each<[string, ClusterObject]>([
    ['a value differs', live({ replicas: 2 })],
    ['we have something that the file has no longer', live({}, { ...OWNED, 'f:data': {} })],
    ['we do not have something yet', live({}, { 'f:spec': OWNED['f:spec'] ?? {} })],
    ['a container of ours is gone', live({ template: { spec: { containers: [] } } })],
    ['nothing of it is ours', { ...live(), metadata: { name: 'web' } }],
  ])('not where %s', (_, there) => {
    expect(isApplied(there, WANTED)).toBe(false)
  })

  test('not where words of a command differ', () => {
    const [container] = WANTED.spec.template.spec.containers
    const spec = { template: { spec: { containers: [{ ...container, args: ['b', 'a'] }] } } }
    expect(isApplied(live(spec), WANTED)).toBe(false)
  })
})

test('what is ours of an object is what we have applied', () => {
  const { spec, metadata } = partOf(live(), OWNED) as ObjectRef & { spec: object }
  expect({ spec, labels: (metadata as { labels?: object }).labels }).toEqual({
    spec: WANTED.spec,
    labels: WANTED.metadata.labels,
  })
})

describe('changes', () => {
  const changed = (from: object, to: object, kind = 'Deployment'): string[] =>
    changesBetween(
      { apiVersion: 'v1', kind, metadata: { name: 'a' }, ...from },
      { apiVersion: 'v1', kind, metadata: { name: 'a' }, ...to },
      name => name === 'LEVEL',
    ).map(({ path, from: before, to: after }) => `${path} ${before} ${after}`)

  test('name items by their keys, whatever their order', () => {
    const [a, b] = [
      { name: 'a', image: '1' },
      { name: 'b', image: '1' },
    ]
    const containers = [b, { ...a, image: '2' }]
    expect(changed({ spec: { containers: [a, b] } }, { spec: { containers } })).toEqual([
      'spec.containers[a].image "1" "2"',
    ])
  })

  test('show nothing that may be a secret', () => {
    const env = (value: string): object => ({
      spec: {
        containers: [
          {
            name: 'c',
            env: [
              { name: 'PASSWORD', value },
              { name: 'LEVEL', value },
            ],
          },
        ],
      },
    })
    expect(changed(env('x'), env('y'))).toEqual([
      'spec.containers[c].env[PASSWORD].value (hidden) (hidden)',
      'spec.containers[c].env[LEVEL].value "x" "y"',
    ])
    expect(changed({ data: { key: 'x' } }, { data: { key: 'y' } }, 'Secret')).toEqual([
      'data.key (secret) (secret)',
    ])
    expect(changed({ data: { key: 'x' } }, { data: { key: 'y' } }, 'ConfigMap')).toEqual([
      'data.key (hidden) (hidden)',
    ])
    const args = (word: string): object => ({ spec: { containers: [{ name: 'c', args: [word] }] } })
    expect(changed(args('--password=x'), args('--password=y'))).toEqual([
      'spec.containers[c].args (hidden) (hidden)',
    ])
  })

  test('are none of what the server alone says', () => {
    expect(changed({ status: { a: 1 } }, { status: { a: 2 } })).toEqual([])
  })
})

describe('a plan', () => {
  const ref = (kind: string, name: string): ObjectRef => ({ apiVersion: 'v1', kind, metadata: { name } })

  test('has edges in proportion to its operations', () => {
    const many = Array.from({ length: 100 }, (_, index) => String(index))
    const plan = inOrder([
      ...many.map(name => operation(ref('Deployment', name), 'create', '')),
      ...many.map(name => operation(ref('Service', name), 'create', '')),
    ])
    expect(plan.map(({ object }) => object.kind)).toEqual([
      ...Array<string>(100).fill('Service'),
      'rank',
      ...Array<string>(100).fill('Deployment'),
    ])
    expect(plan.reduce((sum, { after }) => sum + after.length, 0)).toBe(200)
  })

  test('never removes volumes, whoever prunes', () => {
    const there = (kind: string): ClusterObject => ({ ...ref(kind, 'x'), metadata: { name: 'x' } })
    const objects = [there('PersistentVolumeClaim'), there('Service')]
    const plan = makePlan('p', [], { objects, isPruned: true })
    expect(plan.operations.map(({ id }) => id)).toEqual(['Service:x:remove'])
    expect(plan.warnings.map(({ code }) => code)).toEqual(['KUBERNETES_ORPHAN'])
  })
})
