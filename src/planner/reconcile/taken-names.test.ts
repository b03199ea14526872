// Two keys of the file, or two containers, that come to one name: never an operation that is planned twice.
import { describe, expect, it } from 'vitest'
import type { Failure } from '../../diagnostics/index.ts'
import { planDown, planUp, renderPlan, type UpOptions } from '../index.ts'
import type { Observed } from '../observed/observed.ts'
import { dependsOn, makeProject, type ProjectSketch } from '../testing/projects.ts'
import { emptyWorld, simulate } from '../testing/simulate.ts'

const mount = (source: string) => ({ type: 'volume', source, target: `/${source}` }) as const

function upped(sketch: ProjectSketch, world = emptyWorld(), options: UpOptions = {}): Observed {
  const project = makeProject(sketch)
  return simulate(planUp(project, world, options), world, { volumes: project.model.volumes ?? {} })
}

function refusal(sketch: ProjectSketch, world = emptyWorld(), options: UpOptions = {}): unknown {
  try {
    planUp(makeProject(sketch), world, options)
  } catch (error) {
    const [diagnostic] = (error as Failure).diagnostics
    return [diagnostic?.code, diagnostic?.path]
  }
  return undefined
}

describe('two volumes of one name', () => {
  const named = (second: object = {}, first: object = {}): ProjectSketch => ({
    services: { web: { volumes: [mount('v1'), mount('v2')] } },
    volumes: { v1: { name: 'x', ...first }, v2: { name: 'x', ...second } },
  })

  it('are one, made and removed once', () => {
    const world = upped(named())
    expect(world.volumes.map(({ name, key }) => [name, key])).toEqual([['x', 'v1']])
    expect(renderPlan(planUp(makeProject(named()), world))).toBe('')
    const down = planDown(makeProject(named()), world, { volumes: true })
    expect(simulate(down, world)).toMatchObject({ containers: [], volumes: [] })
  })

  it('are replaced once, for both', () => {
    const other = { driver: 'other' }
    const world = upped(named(other, other), upped(named()), { recreateVolumes: 'all' })
    expect(world.volumes).toMatchObject([{ name: 'x', driver: 'other' }])
  })

  it('are refused when they differ', () => {
    expect(refusal(named({ driver: 'other' }))).toEqual(['VOLUME_NAME_TAKEN', 'volumes.v2.name'])
  })

  it('are left by down when one of them is external', () => {
    const world = upped(named())
    const half = makeProject(named({}, { external: true }))
    expect(simulate(planDown(half, world, { volumes: true }), world).volumes).toHaveLength(1)
  })
})

describe('two networks of one name', () => {
  const sketch = (external = false): ProjectSketch => ({
    services: { web: { networks: { n1: null } }, db: { networks: { n2: null } } },
    networks: { n1: { name: 'x', external }, n2: { name: 'x', external } },
  })

  it('are refused, but where both are external', () => {
    expect(refusal(sketch())).toEqual(['NETWORK_NAME_TAKEN', 'networks.n2.name'])
    const world = upped({ services: {}, networks: { n1: { name: 'x' } } })
    expect(upped(sketch(true), world).networks).toHaveLength(1)
  })
})

describe('two containers of one name', () => {
  const named = (container_name: string, db: object = {}): ProjectSketch => ({
    services: { api: { container_name }, db },
  })
  const taken = ['CONTAINER_NAME_TAKEN', 'services.api.container_name']

  it('are refused, whichever replica or step it is', () => {
    expect(refusal(named('lamp-db-1'))).toEqual(taken)
    expect(refusal(named('lamp-db-2'))).toBeUndefined()
    expect(refusal(named('lamp-db-2'), emptyWorld(), { scale: { db: 2 } })).toEqual(taken)
    const step = { pre_start: [{ command: ['true'] }] }
    expect(refusal(named('lamp-db-pre-start-1', step))).toEqual(taken)
  })

  it('are refused when the other one stays, since it is not selected', () => {
    const world = upped({ services: { db: {} } })
    expect(refusal(named('lamp-db-1'), world, { services: ['api'] })).toEqual(taken)
  })

  it('take turns when the other one goes', () => {
    const before = upped({ services: { api: {}, db: {} } })
    const swapped: ProjectSketch = {
      services: { api: { container_name: 'lamp-db-1' }, db: { container_name: 'lamp-api-1' } },
    }
    const world = upped(swapped, before)
    expect(world.containers.map(({ service, name }) => `${service} ${name}`).sort()).toEqual([
      'api lamp-db-1',
      'db lamp-api-1',
    ])
    const alone = { services: { api: { container_name: 'lamp-db-1' } } }
    expect(upped(alone, before, { removeOrphans: true }).containers).toHaveLength(1)
  })

  it('are refused when the other one can only go after the new one is there', () => {
    const before = upped({ services: { db: {} } })
    const joined = {
      services: {
        api: { container_name: 'lamp-db-1' },
        db: {
          container_name: 'other',
          network_mode: 'service:api',
          depends_on: { api: dependsOn() },
        },
      },
    }
    expect(refusal(joined, before)).toEqual(taken)
  })

  it('keep the names that they have with --no-recreate', () => {
    const before = upped({ services: { api: {}, db: {} } })
    const plan = planUp(makeProject(named('other')), before, { recreate: 'never' })
    expect(renderPlan(plan)).toBe('')
  })
})
