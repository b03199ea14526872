import { describe, expect, it } from 'vitest'
import packageJson from '../../../package.json' with { type: 'json' }
import {
  LABEL,
  type Plan,
  planBuild,
  planDown,
  planKill,
  planPause,
  planPull,
  planRemove,
  planRestart,
  planStart,
  planStop,
  planToJson,
  planUp,
  projectFromLabels,
  renderPlan,
  TOOL_VERSION,
} from '../index.ts'
import type { Observed } from '../observed/observed.ts'
import { dependsOn, makeProject, type ProjectSketch } from '../testing/projects.ts'
import { emptyWorld, imageOf, simulate } from '../testing/simulate.ts'

const SKETCH: ProjectSketch = {
  services: {
    web: {
      build: { context: '/web' },
      depends_on: { app: dependsOn('started', { restart: true }) },
      pre_stop: [{ command: ['x'] }],
    },
    app: { depends_on: { db: dependsOn('healthy') } },
    db: { volumes: [{ type: 'volume', source: 'data', target: '/data' }] },
  },
  volumes: { data: {} },
}
const PROJECT = makeProject(SKETCH)
const IMAGES = { 'example/app': imageOf('app'), 'example/db': imageOf('db') }
const EMPTY = emptyWorld('lamp', IMAGES)
const WORLD = simulate(planUp(PROJECT, EMPTY), EMPTY)
const STOPPED = simulate(planStop(PROJECT, WORLD), WORLD)

function steps({ operations }: Plan): string[] {
  return operations.map(({ id }) => id.replace(/^container:lamp-/, ''))
}

function withOneOff(state: 'running' | 'exited'): Observed {
  const [web] = WORLD.containers.filter(({ service }) => service === 'web')
  if (web === undefined) throw new Error('no web')
  const oneOff = {
    ...web,
    id: 'f'.repeat(64),
    name: 'lamp-web-run-abc',
    oneOff: true,
    number: 0,
    state,
  } as const
  return { ...WORLD, containers: [...WORLD.containers, oneOff] }
}

describe('stop', () => {
  it('goes from dependents to what they depend on, hooks first', () => {
    expect(steps(planStop(PROJECT, WORLD))).toEqual([
      'web-1:pre-stop-1',
      'web-1:stop',
      'app-1:stop',
      'db-1:stop',
    ])
  })

  it('takes the named services alone', () => {
    expect(steps(planStop(PROJECT, WORLD, { services: ['db'] }))).toEqual(['db-1:stop'])
  })

  it('has nothing to do when nothing runs', () => {
    expect(planStop(PROJECT, STOPPED).operations).toEqual([])
  })
})

describe('start', () => {
  it('goes from dependencies to dependents, waiting between them', () => {
    expect(steps(planStart(PROJECT, STOPPED))).toEqual([
      'db-1:start',
      'db-1:wait-healthy',
      'app-1:start',
      'web-1:start',
    ])
  })

  it('has nothing to do when all runs', () => {
    expect(planStart(PROJECT, WORLD).operations).toEqual([])
  })

  it('fails for a service without a container', () => {
    expect(() => planStart(PROJECT, EMPTY)).toThrow(
      expect.objectContaining({ code: 'NO_CONTAINER_TO_START' }),
    )
  })
})

describe('restart', () => {
  it('takes along what depends on it with "restart: true"', () => {
    expect(steps(planRestart(PROJECT, WORLD, { services: ['app'] }))).toEqual([
      'app-1:restart',
      'web-1:pre-stop-1',
      'web-1:restart',
    ])
    expect(steps(planRestart(PROJECT, WORLD, { services: ['app'], noDeps: true }))).toEqual(['app-1:restart'])
    expect(steps(planRestart(PROJECT, WORLD, { services: ['db'] }))).toEqual(['db-1:restart'])
  })
})

describe('kill, pause and rm', () => {
  it('kill signals all that runs, one-offs too', () => {
    expect(steps(planKill(PROJECT, withOneOff('running'), { services: ['web'], signal: 'SIGINT' }))).toEqual([
      'web-1:kill',
      'web-run-abc:kill',
    ])
  })

  it('pause takes what runs, unpause what is paused', () => {
    const paused = simulate(planPause(PROJECT, WORLD), WORLD)
    expect(steps(planPause(PROJECT, paused, { unpause: true }))).toHaveLength(3)
    expect(() => planPause(PROJECT, paused)).toThrow(
      expect.objectContaining({ code: 'NO_CONTAINER_IN_STATE' }),
    )
  })

  it('rm takes what has stopped, and with "stop" everything', () => {
    expect(planRemove(PROJECT, WORLD).operations).toEqual([])
    expect(steps(planRemove(PROJECT, STOPPED)).sort()).toEqual([
      'app-1:remove',
      'db-1:remove',
      'web-1:remove',
    ])
    expect(simulate(planRemove(PROJECT, WORLD, { stop: true }), WORLD).containers).toEqual([])
  })
})

describe('down', () => {
  it('removes containers, networks and, if asked to, volumes', () => {
    const kept = simulate(planDown(PROJECT, WORLD), WORLD)
    expect([kept.containers.length, kept.networks.length, kept.volumes.length]).toEqual([0, 0, 1])
    expect(simulate(planDown(PROJECT, WORLD, { volumes: true }), WORLD).volumes).toEqual([])
  })

  it('stops dependents first, and removes beside what goes on: networks when nobody runs on them', () => {
    const project = makeProject({
      services: {
        web: { networks: { front: null, back: null }, depends_on: { db: dependsOn('started') } },
        db: { networks: { back: null }, volumes: [{ type: 'volume', source: 'data', target: '/data' }] },
      },
      networks: { front: {}, back: {} },
      volumes: { data: {} },
    })
    const empty = emptyWorld('lamp', { 'example/web': imageOf('web'), 'example/db': imageOf('db') })
    const { operations } = planDown(project, simulate(planUp(project, empty), empty), { volumes: true })
    expect(Object.fromEntries(operations.map(({ id, after }) => [id, [...after].sort()]))).toEqual({
      'container:lamp-web-1:stop': [],
      'container:lamp-web-1:remove': ['container:lamp-web-1:stop'],
      'container:lamp-db-1:stop': ['container:lamp-web-1:stop'],
      'container:lamp-db-1:remove': ['container:lamp-db-1:stop'],
      'network:lamp_front:remove': ['container:lamp-web-1:stop'],
      'network:lamp_back:remove': ['container:lamp-db-1:stop', 'container:lamp-web-1:stop'],
      'volume:lamp_data:remove': ['container:lamp-db-1:remove', 'container:lamp-web-1:remove'],
    })
  })

  it('keeps the order of services across one that has no container', () => {
    const without = { ...WORLD, containers: WORLD.containers.filter(({ service }) => service !== 'app') }
    const stop = planDown(PROJECT, without).operations.find(({ id }) => id === 'container:lamp-db-1:stop')
    expect(stop?.after).toEqual(['container:lamp-web-1:stop'])
  })

  it('of a service takes its dependents along, and leaves networks', () => {
    const left = simulate(planDown(PROJECT, WORLD, { services: ['app'] }), WORLD)
    expect(left.containers.map(({ service }) => service)).toEqual(['db'])
    expect(left.networks).toHaveLength(1)
  })

  it('says so when there is nothing', () => {
    expect(planDown(PROJECT, EMPTY).warnings.map(({ code }) => code)).toEqual(['NOTHING_TO_REMOVE'])
  })

  it('leaves what is external and what others made', () => {
    const project = makeProject({
      ...SKETCH,
      volumes: { data: { external: true } },
      networks: { default: { external: true } },
    })
    expect(renderPlan(planDown(project, WORLD, { volumes: true }))).not.toMatch(/network|volume/)
    const foreign = { ...WORLD, volumes: WORLD.volumes.map(volume => ({ ...volume, project: '' })) }
    const plan = planDown(PROJECT, foreign, { volumes: true })
    expect(plan.warnings.map(({ code }) => code)).toEqual(['VOLUME_NOT_FROM_COMPOSE'])
    expect(plan.operations.filter(({ type }) => type === 'removeVolume')).toEqual([])
  })

  it('takes one-offs only with the orphans', () => {
    const world = withOneOff('exited')
    const names = (plan: Plan): string[] => steps(plan).filter(id => id.startsWith('web-run'))
    expect(names(planDown(PROJECT, world))).toEqual([])
    expect(names(planDown(PROJECT, world, { removeOrphans: true }))).toEqual(['web-run-abc:remove'])
  })

  it('takes anonymous volumes that a replacement took over', () => {
    const anonymous = { type: 'volume', name: 'a'.repeat(64), source: '', target: '/x' }
    const containers = WORLD.containers.map(container =>
      container.service === 'db'
        ? { ...container, labels: { ...container.labels, [LABEL.replace]: 'lamp-db-1' }, mounts: [anonymous] }
        : container,
    )
    const plan = planDown(PROJECT, { ...WORLD, containers }, { volumes: true })
    expect(plan.operations.map(({ id }) => id)).toContain(`volume:${anonymous.name}:remove`)
  })

  it('removes images that the project built, or all of them', () => {
    const references = (images: 'local' | 'all'): string[] =>
      planDown(PROJECT, WORLD, { images }).operations.flatMap(operation =>
        operation.type === 'removeImage' ? [operation.reference] : [],
      )
    expect(references('local')).toEqual(['lamp-web'])
    expect(references('all')).toEqual(['example/app', 'example/db', 'lamp-web'])
  })
})

describe('build and pull', () => {
  it('build takes what has a build', () => {
    expect(steps(planBuild(PROJECT))).toEqual(['image:lamp-web:build'])
    const plan = planBuild(PROJECT, { services: ['db'] })
    expect([plan.operations, plan.warnings.map(({ code }) => code)]).toEqual([[], ['SERVICE_NOT_BUILDABLE']])
  })

  it('pull takes what has no build, and everything anew without a policy', () => {
    expect(steps(planPull(PROJECT, WORLD))).toEqual(['image:example/db:pull', 'image:example/app:pull'])
    expect(steps(planPull(PROJECT, EMPTY, { policy: 'missing' }))).toEqual([
      'image:example/db:pull',
      'image:example/app:pull',
    ])
    const tagged = makeProject({ services: { db: { image: 'db:1' } } })
    const world = { ...EMPTY, images: { 'db:1': imageOf('db:1') } }
    expect(planPull(tagged, world, { policy: 'missing' }).operations).toEqual([])
  })
})

describe('a project without its file', () => {
  it('is known by its labels well enough to be stopped in order and taken down', () => {
    const project = projectFromLabels(WORLD)
    expect(Object.keys(project.model.services)).toEqual(['app', 'db', 'web'])
    expect(steps(planStop(project, WORLD))).toEqual(['web-1:stop', 'app-1:stop', 'db-1:stop'])
    expect(simulate(planDown(project, WORLD, { volumes: true }), WORLD)).toMatchObject({
      containers: [],
      networks: [],
      volumes: [],
    })
  })
})

describe('a plan for programs', () => {
  it('says what is done and why, and nothing of the environment', () => {
    const secret = makeProject({ services: { db: { environment: { DB_PASSWORD: 'hush' } } } })
    const json = planToJson(planUp(secret, EMPTY))
    expect(json).toMatchObject({
      version: 1,
      project: 'lamp',
      operations: expect.arrayContaining([
        expect.objectContaining({
          id: 'container:lamp-db-1:create',
          type: 'createContainer',
          action: 'create',
          resource: { kind: 'container', name: 'lamp-db-1' },
          image: 'example/db',
        }),
      ]),
    })
    expect(JSON.stringify(json)).not.toContain('hush')
  })
})

describe('the version in labels', () => {
  it('is that of the package', () => {
    expect(TOOL_VERSION).toBe(packageJson.version)
  })
})
