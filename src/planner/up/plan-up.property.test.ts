import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '../../diagnostics/index.ts'
import { planDown, planRestart, planStart, planStop, planUp, renderPlan, type UpOptions } from '../index.ts'
import type { Observed } from '../observed/observed.ts'
import { projectSketch } from '../testing/arbitrary.ts'
import { makeProject, type ProjectSketch } from '../testing/projects.ts'
import { inOrder, renamed, withoutIds } from '../testing/renaming.ts'
import { emptyWorld, type SimulateOptions, simulate } from '../testing/simulate.ts'

const RUNS = { numRuns: 60 }

/** Losses of data are agreed to, so that every difference can be put right. */
const AGREED: UpOptions = { recreateVolumes: 'all' }

function up(
  sketch: ProjectSketch,
  world: Observed,
  options: UpOptions = {},
  how: SimulateOptions = {},
): Observed {
  const project = makeProject(sketch)
  const { volumes } = project.model
  const plan = planUp(project, world, { ...AGREED, ...options })
  return simulate(plan, world, { adapts: [], ...how, ...(volumes === undefined ? {} : { volumes }) })
}

/** Choices that look like those of an engine whose calls end in any order, the same for the same seed. */
function picker(seed: number): (ready: number) => number {
  let state = seed
  return ready => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * ready)
  }
}

function rendered(sketch: ProjectSketch, world: Observed): string {
  return renderPlan(planUp(makeProject(sketch), world, AGREED))
}

/** What is planned; or the refusal of a name that a container has which this `up` leaves alone. */
function orRefusal<T>(plan: () => T): T | undefined {
  try {
    return plan()
  } catch (error) {
    if (error instanceof Failure && error.code === 'CONTAINER_NAME_TAKEN') return undefined
    throw error
  }
}

/** Names and states, whatever the ids. */
function summary({ containers, networks, volumes }: Observed): unknown {
  return {
    containers: containers.map(({ name, state }) => `${name} ${state}`).sort(),
    networks: networks.map(({ name }) => name).sort(),
    volumes: volumes.map(({ name }) => name).sort(),
  }
}

function shuffled(world: Observed): Observed {
  return {
    ...world,
    containers: [...world.containers].reverse(),
    networks: [...world.networks].reverse(),
    volumes: [...world.volumes].reverse(),
  }
}

function reordered(sketch: ProjectSketch): ProjectSketch {
  return { ...sketch, services: Object.fromEntries(Object.entries(sketch.services).reverse()) }
}

function withPolicies(sketch: ProjectSketch, policies: readonly string[]): ProjectSketch {
  const services = Object.entries(sketch.services).map(([name, service], index) => {
    const policy = policies[index]
    const isMeant = policy !== undefined && (policy !== 'build' || service.build !== undefined)
    return [name, isMeant ? { ...service, pull_policy: policy } : service] as const
  })
  return { ...sketch, services: Object.fromEntries(services) }
}

describe('for any project', () => {
  it('a second up does nothing', () => {
    fc.assert(
      fc.property(projectSketch, sketch => {
        expect(rendered(sketch, up(sketch, emptyWorld()))).toBe('')
      }),
      RUNS,
    )
  })

  it('an up from any other project leads to the same as an up from nothing', () => {
    fc.assert(
      fc.property(projectSketch, projectSketch, fc.nat(), (before, after, seed) => {
        const pick = picker(seed)
        const old = up(before, emptyWorld(), {}, { pick })
        const world = orRefusal(() => up(after, old, { removeOrphans: true }, { pick }))
        // A name that is only free once the new container is there, which joins the one that wants it.
        fc.pre(world !== undefined)
        expect(rendered(after, world)).toBe('')
        expect(world.containers.map(({ state }) => state)).not.toContain('exited')
        for (const name of Object.keys(after.services))
          expect(world.containers.filter(({ service }) => service === name)).toHaveLength(
            after.services[name]?.scale ?? 1,
          )
      }),
      RUNS,
    )
  })

  it('an up that is cut off anywhere is completed by the next one, and undone by down', () => {
    fc.assert(
      fc.property(projectSketch, projectSketch, fc.nat(60), fc.nat(), (before, after, steps, seed) => {
        const pick = picker(seed)
        const world = up(before, emptyWorld())
        const options: UpOptions = { removeOrphans: true, ...(seed % 2 === 0 ? { recreate: 'force' } : {}) }
        const cut = orRefusal(() => up(after, world, options, { steps, pick }))
        fc.pre(cut !== undefined)
        const then = orRefusal(() => up(after, cut, { removeOrphans: true }, { pick }))
        fc.pre(then !== undefined)
        expect(rendered(after, then)).toBe('')
        expect(summary(then)).toMatchObject({ containers: summaryOf(after) })
        const down = planDown(makeProject(after), cut, { volumes: true, removeOrphans: true })
        expect(simulate(down, cut, { pick })).toMatchObject({ containers: [], networks: [], volumes: [] })
      }),
      RUNS,
    )
  })

  it('a down that is cut off anywhere is finished by the next one, or taken back by up', () => {
    fc.assert(
      fc.property(projectSketch, fc.nat(60), fc.nat(), (sketch, steps, seed) => {
        const pick = picker(seed)
        const down = (world: Observed, how: SimulateOptions): Observed =>
          simulate(planDown(makeProject(sketch), world, { volumes: true }), world, how)
        const cut = down(up(sketch, emptyWorld()), { steps, pick })
        expect(down(cut, { pick })).toMatchObject({ containers: [], networks: [], volumes: [] })
        const then = up(sketch, cut, {}, { pick })
        expect(rendered(sketch, then)).toBe('')
        expect(summary(then)).toMatchObject({ containers: summaryOf(sketch) })
        // No container is left on a network that has gone.
        const networks = new Set(then.networks.map(({ id }) => id))
        const attached = then.containers.flatMap(container => container.networks.map(({ id }) => id))
        expect(attached.filter(id => !networks.has(id))).toEqual([])
      }),
      RUNS,
    )
  })

  it('the order of what is observed and of what is written makes no difference', () => {
    fc.assert(
      fc.property(projectSketch, projectSketch, (before, after) => {
        const world = up(before, emptyWorld())
        const plain = orRefusal(() => rendered(after, world))
        expect(orRefusal(() => rendered(reordered(after), shuffled(world)))).toBe(plain)
      }),
      RUNS,
    )
  })

  it('the names of the services make no difference', () => {
    const policies = fc.array(fc.constantFrom('missing', 'always', 'build', 'if_not_present'))
    const options = fc.constantFrom<UpOptions>(
      {},
      { build: 'always' },
      { recreate: 'force' },
      { pull: 'always' },
    )
    fc.assert(
      fc.property(
        projectSketch,
        fc.tuple(projectSketch, policies, fc.array(fc.nat(), { maxLength: 2 })),
        options,
        (before, [sketch, pullPolicies, picks], how) => {
          const after = withPolicies(sketch, pullPolicies)
          const names = Object.keys(after.services)
          const services = picks.map(pick => names[pick % names.length] ?? '')
          const plan = (wanted: ProjectSketch, world: Observed, named: readonly string[]) => {
            const chosen = { ...AGREED, ...how, services: named }
            const planned = orRefusal(() => planUp(makeProject(wanted), world, chosen))
            return planned === undefined ? [{ cause: 'refused', after: [] }] : withoutIds(planned, world)
          }
          const one = plan(after, up(before, emptyWorld()), services)
          const other = plan(renamed(after), up(renamed(before), emptyWorld()), renamed(services))
          expect(inOrder(renamed(other))).toBe(inOrder(one))
        },
      ),
      { numRuns: 200 },
    )
  })

  it('the names of the services make no difference to what takes a project down', () => {
    fc.assert(
      fc.property(projectSketch, fc.array(fc.nat(), { maxLength: 2 }), (sketch, picks) => {
        const names = Object.keys(sketch.services)
        const services = picks.map(pick => names[pick % names.length] ?? '')
        const world = up(sketch, emptyWorld())
        const other = up(renamed(sketch), emptyWorld())
        for (const plan of [planDown, planStop, planStart, planRestart]) {
          const one = withoutIds(plan(makeProject(sketch), world, { services }), world)
          const two = withoutIds(
            plan(makeProject(renamed(sketch)), other, { services: renamed(services) }),
            other,
          )
          expect(inOrder(renamed(two))).toBe(inOrder(one))
        }
      }),
      RUNS,
    )
  })

  it('up starts what stop has stopped, and makes nothing anew', () => {
    fc.assert(
      fc.property(projectSketch, sketch => {
        const world = up(sketch, emptyWorld())
        const again = up(sketch, simulate(planStop(makeProject(sketch), world), world))
        expect(again.containers.map(({ id }) => id).sort()).toEqual(
          world.containers.map(({ id }) => id).sort(),
        )
        expect(summary(again)).toEqual(summary(world))
      }),
      RUNS,
    )
  })
})

function summaryOf({ services }: ProjectSketch): unknown {
  return expect.toSatisfy((containers: string[]) => {
    const expected = Object.values(services).reduce((sum, { scale = 1 }) => sum + scale, 0)
    return containers.length === expected && containers.every(line => /^lamp-[a-z]+-\d+ running$/.test(line))
  })
}
