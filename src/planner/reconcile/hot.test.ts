import { describe, expect, test } from 'vitest'
import type { Service } from '../../model/index.ts'
import type { Observed } from '../observed/observed.ts'
import { makeProject, type ProjectSketch } from '../testing/projects.ts'
import { emptyWorld, imageOf, simulate } from '../testing/simulate.ts'
import { planUp } from '../up/plan-up.ts'

const IMAGES = { 'example/web': imageOf('web') }
const ALL = [
  'Labels',
  'Healthcheck',
  'StopSignal',
  'StopTimeout',
  'EndpointsConfig',
  'HostConfig.Memory',
  'HostConfig.NanoCpus',
  'HostConfig.RestartPolicy',
  'HostConfig.ExtraHosts',
]

const project = (web: Partial<Service>, more: Partial<ProjectSketch> = {}) =>
  makeProject({ services: { web }, ...more })

function upped(web: Partial<Service>, adapts: readonly string[] | undefined = ALL): Observed {
  const world = emptyWorld('lamp', IMAGES)
  return simulate(planUp(project(web), world), world, adapts === undefined ? {} : { adapts })
}

/** Types of what the plan does. */
function types(before: Observed, web: Partial<Service>, more: Partial<ProjectSketch> = {}): string[] {
  return planUp(project(web, more), before).operations.map(({ type }) => type)
}

describe('what a container that runs can have', () => {
  test.each<[string, Partial<Service>, string[]]>([
    ['a limit', { mem_limit: '67108864' }, ['HostConfig.Memory']],
    ['a limit of deploy', { deploy: { resources: { limits: { cpus: 0.5 } } } }, ['HostConfig.NanoCpus']],
    ['another policy', { restart: 'always' }, ['HostConfig.RestartPolicy']],
    ['labels of the user, with dots', { labels: { 'com.example.a': 'b' } }, ['Labels']],
    [
      'a check whose command is hidden',
      { healthcheck: { test: ['CMD', 'x'], interval: '3s' } },
      ['Healthcheck'],
    ],
    ['hosts', { extra_hosts: ['a=10.0.0.1'] }, ['HostConfig.ExtraHosts']],
    [
      'another signal, and more time',
      { stop_signal: 'SIGINT', stop_grace_period: '3s' },
      ['StopTimeout', 'StopSignal'],
    ],
    ['other names on a network', { networks: { default: { aliases: ['w'] } } }, ['EndpointsConfig']],
  ])('is changed in place: %s', (_, web, fields) => {
    const before = upped({})
    const plan = planUp(project(web), before)
    expect(plan.operations).toMatchObject([
      { type: 'adaptContainer', id: 'container:lamp-web-1:adapt', fields },
    ])
    const after = simulate(plan, before)
    expect(planUp(project(web), after).operations).toEqual([])
    expect(types(after, {})).toEqual(['adaptContainer'])
  })

  test('is one operation, after the networks that it joins', () => {
    const before = upped({ mem_limit: '67108864' })
    const web = { networks: { default: null, back: null } }
    const { operations } = planUp(project(web, { networks: { default: {}, back: {} } }), before)
    expect(operations.map(({ id, after }) => [id, after])).toEqual([
      ['network:lamp_back:create', []],
      ['container:lamp-web-1:adapt', ['network:lamp_back:create']],
    ])
    expect(operations[1]).toMatchObject({ fields: ['HostConfig.Memory', 'EndpointsConfig'] })
  })

  test.each<[string, Partial<Service>, readonly string[] | undefined]>([
    [
      'where something changes besides that a process is born with',
      { mem_limit: '67108864', environment: { A: 'b' } },
      ALL,
    ],
    ['where its engine does not do that', { mem_limit: '67108864' }, ['Labels']],
    ['with an engine of somebody else', { mem_limit: '67108864' }, undefined],
    [
      'where what is read at a start is among its annotations',
      { annotations: { 'com.tscompose.proc': 'host' } },
      [...ALL, 'HostConfig.Annotations'],
    ],
  ])('takes another container %s', (_, web, adapts) => {
    const { operations } = planUp(project(web), adapts === undefined ? foreign() : upped({}, adapts))
    expect(operations.map(({ action }) => action)).toContain('recreate')
    expect(operations.map(({ type }) => type)).not.toContain('adaptContainer')
  })

  test('takes another container where it does not run', () => {
    const world = upped({})
    const stopped = {
      ...world,
      containers: world.containers.map(each => ({ ...each, state: 'exited' as const })),
    }
    expect(types(stopped, { mem_limit: '67108864' })).toContain('createContainer')
  })

  test('is left alone where containers are not to be compared', () => {
    const plan = planUp(project({ mem_limit: '67108864' }), upped({}), { recreate: 'never' })
    expect(plan.operations).toEqual([])
  })
})

function foreign(): Observed {
  const world = emptyWorld('lamp', IMAGES)
  return simulate(planUp(project({}), world), world)
}
