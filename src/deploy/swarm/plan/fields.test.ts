import { describe, expect, test } from 'vitest'
import { HIDDEN } from '../../../planner/core/operation.ts'
import { changesBetween, fieldsOf } from './fields.ts'

type Wanted = Parameters<typeof fieldsOf>[0]

const web: Wanted = {
  Name: 'shop_web',
  TaskTemplate: { ContainerSpec: { Image: 'nginx:1', Env: ['A=1', 'B'] } },
  Mode: { Replicated: { Replicas: 1 } },
}

const changes = (to: Wanted, from: Wanted = web): string[] =>
  changesBetween(fieldsOf(from), fieldsOf(to)).map(each => `${each.path}: ${each.from} → ${each.to}`)

describe('a service is the same', () => {
  test.each<[string, Wanted]>([
    [
      'where a manager has filled in what it does anyway',
      {
        ...web,
        TaskTemplate: {
          ContainerSpec: { ...web.TaskTemplate?.ContainerSpec, Isolation: 'default', StopGracePeriod: 10e9 },
          Runtime: 'container',
          ForceUpdate: 3,
          Resources: {},
          Placement: {},
          RestartPolicy: { Condition: 'any', Delay: 5e9, MaxAttempts: 0 },
        },
        EndpointSpec: { Mode: 'vip' },
        UpdateConfig: { Parallelism: 1, FailureAction: 'pause', Monitor: 5e9, Order: 'stop-first' },
      },
    ],
    ['where the number of replicas is not said', { ...web, Mode: { Replicated: {} } }],
  ])('%s', (_, kept) => {
    expect(changes(kept)).toEqual([])
  })
})

describe('a change is told in the words of the file', () => {
  test.each<[string, Wanted]>([
    ['deploy.mode: "replicated 1" → "replicated 3"', { ...web, Mode: { Replicated: { Replicas: 3 } } }],
    ['deploy.mode: "replicated 1" → "global"', { ...web, Mode: { Global: {} } }],
    ['deploy.update_config.parallelism: undefined → "0"', { ...web, UpdateConfig: { Parallelism: 0 } }],
    [
      'ports.80/tcp: undefined → ["8080 ingress","8081 host"]',
      {
        ...web,
        EndpointSpec: {
          Ports: [
            { TargetPort: 80, PublishedPort: 8081, PublishMode: 'host' },
            { TargetPort: 80, PublishedPort: 8080 },
          ],
        },
      },
    ],
  ])('%s', (told, to) => {
    expect(changes(to)).toEqual([told])
  })

  test('but values that may be secrets are not shown', () => {
    const other = { ...web, TaskTemplate: { ContainerSpec: { Image: 'nginx:1', Env: ['A=2', 'C=3'] } } }
    expect(changes(other)).toEqual([
      `environment.A: ${HIDDEN} → ${HIDDEN}`,
      `environment.B: ${HIDDEN} → undefined`,
      `environment.C: undefined → ${HIDDEN}`,
    ])
  })
})
