import { describe, expect, it } from 'vitest'
import { LABEL, type Plan, planDown, planUp, renderPlan } from '../index.ts'
import { dependsOn, makeProject } from '../testing/projects.ts'
import { EMPTY, PROJECT, SKETCH, steps, WORLD, withOneOff } from '../testing/running-project.ts'
import { emptyWorld, imageOf, simulate } from '../testing/simulate.ts'

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

  it('takes one-offs with the whole project, whose networks they hold, and not with a service', () => {
    const names = (plan: Plan): string[] => steps(plan).filter(id => id.startsWith('web-run'))
    expect(names(planDown(PROJECT, withOneOff('exited')))).toEqual(['web-run-abc:remove'])
    expect(names(planDown(PROJECT, withOneOff('running')))).toEqual([
      'web-run-abc:stop',
      'web-run-abc:remove',
    ])
    expect(names(planDown(PROJECT, withOneOff('exited'), { services: ['web'] }))).toEqual([])
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
