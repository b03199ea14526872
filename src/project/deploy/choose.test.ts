import { describe, expect, test } from 'vitest'
import type { ClusterPlace } from '../cluster/cluster.ts'
import { type Choice, chooseCluster, type KnownClusters } from './choose.ts'

const NOTHING: KnownClusters = { docker: undefined, hasDockerContext: () => false, kubernetes: [] }

const chosen = (
  place: Partial<ClusterPlace> = {},
  known: Partial<KnownClusters> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Choice> => chooseCluster(place, env, async () => ({ ...NOTHING, ...known }))

describe('the kind of cluster is', () => {
  const both = { docker: 'DOCKER_HOST', kubernetes: ['prod'] }
  test.each<readonly [string, Partial<ClusterPlace>, Partial<KnownClusters>, Record<string, string>, string]>(
    [
      ['what is said', { to: 'swarm' }, both, { TSCOMPOSE_DEPLOY_TO: 'kubernetes' }, 'swarm'],
      [
        'what the environment says',
        { host: 'tcp://a' },
        both,
        { TSCOMPOSE_DEPLOY_TO: 'kubernetes' },
        'kubernetes',
      ],
      ['that of a manager', { host: 'tcp://a' }, both, {}, 'swarm'],
      ['that of a namespace', { namespace: 'a' }, both, {}, 'kubernetes'],
      ['that of a kubeconfig', { kubeconfig: 'a' }, both, {}, 'kubernetes'],
      ['that of a context of kubeconfig', { context: 'prod' }, both, {}, 'kubernetes'],
      [
        'that of a context of Docker',
        { context: 'a' },
        { ...both, hasDockerContext: name => name === 'a' },
        {},
        'swarm',
      ],
      ['the engine that is named', {}, { docker: 'DOCKER_HOST' }, {}, 'swarm'],
      ['that of the one kubeconfig', {}, { kubernetes: ['prod'] }, {}, 'kubernetes'],
      ['a Swarm of this machine', {}, {}, {}, 'swarm'],
    ],
  )('%s', async (_, place, known, env, expected) => {
    expect((await chosen(place, known, env)).to).toBe(expected)
  })
})

test('what was chosen by the machine is told with what it was chosen by', async () => {
  expect(await chosen({}, { docker: 'DOCKER_HOST' })).toEqual({ to: 'swarm', by: 'DOCKER_HOST' })
  expect(await chosen({ to: 'swarm' })).toEqual({ to: 'swarm' })
  expect(await chosen({ host: 'tcp://a' })).toEqual({ to: 'swarm' })
})

test.each<readonly [string, Partial<ClusterPlace>, Partial<KnownClusters>, Record<string, string>]>([
  ['a Swarm and a kubeconfig are known', {}, { docker: 'DOCKER_HOST', kubernetes: ['prod'] }, {}],
  [
    'both have a context of that name',
    { context: 'a' },
    { hasDockerContext: () => true, kubernetes: ['a'] },
    {},
  ],
  ['neither has a context of that name', { context: 'a' }, { kubernetes: ['b'] }, {}],
  ['the environment says something else', {}, {}, { TSCOMPOSE_DEPLOY_TO: 'nomad' }],
])('none is chosen where %s', async (_, place, known, env) => {
  await expect(chosen(place, known, env)).rejects.toMatchObject({ code: 'DEPLOY_CLUSTER' })
})
