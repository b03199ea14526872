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
  'HostConfig.TscomposeSleep',
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
    ['a probe of ours', { 'x-tscompose': { probe: { tcp: '80' } } }, ['Healthcheck']],
    ['sleep', { 'x-tscompose': { sleep: { freeze: '10m' } } }, ['HostConfig.TscomposeSleep']],
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

  test('says why this container cannot, as its engine tells it', () => {
    const world = upped({})
    const fixed = { 'HostConfig.Ulimits': 'no CAP_SYS_RESOURCE' }
    const held = { ...world, containers: world.containers.map(each => ({ ...each, fixed })) }
    const reach = planUp(project({ ulimits: { nofile: 9 } }), held).operations[0]?.changes[0]?.reach
    expect(reach).toEqual({ kind: 'recreate', because: 'no CAP_SYS_RESOURCE' })
  })

  const LOG = ['HostConfig.LogConfig', 'Labels']
  test.each<[Partial<Service>, Partial<Service>, string]>([
    [{}, { logging: { options: { 'max-size': '1m' } } }, 'update'],
    [{ logging: { driver: 'local' } }, {}, 'update'],
    [{ logging: { driver: 'local' } }, { logging: { driver: 'json-file' } }, 'update'],
    [{}, { logging: { driver: 'none' } }, 'recreate'],
    [{ logging: { driver: 'none' } }, { logging: { driver: 'local' } }, 'recreate'],
    [{ logging: { driver: 'none' } }, {}, 'recreate'],
  ])('from the log of %j to that of %j: %s', (from, to, action) => {
    expect(planUp(project(to), upped(from, LOG)).operations[0]?.action).toBe(action)
  })

  describe('of a file whose change is told', () => {
    const web = (signal?: string): Partial<Service> => ({
      configs: [{ source: 'motd', target: '/motd' }],
      ...(signal === undefined ? {} : { 'x-tscompose': { on_change: signal } }),
    })
    const of = (service: Partial<Service>, digest: string) => ({
      ...project(service, { configs: { motd: { name: 'motd', file: '/srv/motd' } } }),
      fileDigests: { '/srv/motd': digest },
    })
    const began = (service: Partial<Service>): Observed => {
      const world = emptyWorld('lamp', IMAGES)
      return simulate(planUp(of(service, 'a'), world), world, { adapts: ALL })
    }

    test('is told by its signal, and nothing where it is the same', () => {
      const before = began(web('SIGHUP'))
      expect(planUp(of(web('SIGHUP'), 'a'), before).operations).toEqual([])
      const plan = planUp(of(web('SIGHUP'), 'b'), before)
      expect(plan.operations).toMatchObject([{ type: 'adaptContainer', fields: ['told'], signal: 'SIGHUP' }])
      expect(planUp(of(web('SIGHUP'), 'b'), simulate(plan, before)).operations).toEqual([])
    })

    test('has it known first where nobody asked before, without a signal', () => {
      const before = began(web())
      const plan = planUp(of(web('SIGHUP'), 'a'), before)
      expect(plan.operations).toMatchObject([{ type: 'adaptContainer', fields: ['Labels'] }])
      expect(plan.operations[0]).not.toHaveProperty('signal')
      expect(planUp(of(web('SIGHUP'), 'a'), simulate(plan, before)).operations).toEqual([])
    })

    test('is nothing to one that does not run, and to other engines', () => {
      const { containers, ...world } = began(web('SIGHUP'))
      const stopped = {
        ...world,
        containers: containers.map(each => ({ ...each, state: 'exited' as const })),
      }
      expect(planUp(of(web('SIGHUP'), 'b'), stopped).operations.map(({ type }) => type)).toEqual([
        'startContainer',
      ])
      const foreign = { ...world, containers: containers.map(({ adapts: _, ...each }) => each) }
      expect(planUp(of(web('SIGHUP'), 'b'), foreign).operations).toEqual([])
    })
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
