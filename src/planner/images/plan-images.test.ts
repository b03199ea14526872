import { describe, expect, it } from 'vitest'
import type { Build, Service } from '../../model/index.ts'
import { planBuild, planPull, planPush, planUp, type UpOptions } from '../index.ts'
import { dependsOn, makeProject, type ProjectSketch } from '../testing/projects.ts'
import { EMPTY, PROJECT, steps, WORLD } from '../testing/running-project.ts'
import { emptyWorld, imageOf } from '../testing/simulate.ts'

const BUILD: Build = { context: '/src' }

/** Operations on images, each with those that it comes after. */
function images(sketch: ProjectSketch, options: UpOptions = {}, here: readonly string[] = []): string[] {
  const world = emptyWorld('lamp', Object.fromEntries(here.map(name => [name, imageOf(name)])))
  return planUp(makeProject(sketch), world, options)
    .operations.filter(({ resource, type }) => resource.kind === 'image' && type !== 'awaitImages')
    .map(({ id, after }) =>
      [id.replace('image:', ''), ...after.map(of => of.replace('image:', '< '))].join(' '),
    )
    .sort()
}

describe('an image that one service builds and others use by its name', () => {
  const pair = (user: Partial<Service>, names = ['cli', 'web']): ProjectSketch => ({
    services: {
      [names[0] ?? '']: { image: 'app', ...user },
      [names[1] ?? '']: { image: 'app', build: BUILD },
    },
  })
  const tolerant = ['app:build < app:pull', 'app:pull']

  it.each([
    ['the user first', ['cli', 'web']],
    ['the builder first', ['web', 'cli']],
  ])('is built, %s', (_what, names) => {
    const sketch = pair({}, names)
    expect(images(sketch)).toEqual(['app:build'])
    expect(images(sketch, { build: 'always' })).toEqual(['app:build'])
    expect(images(sketch, {}, ['app'])).toEqual([])
    const plan = planUp(makeProject(sketch), emptyWorld())
    for (const { type, after } of plan.operations)
      if (type === 'createContainer') expect(after).toContain('image:app:build')
  })

  it('is built for the user alone, too, but not by what a profile switches off', () => {
    const alone = (user: Partial<Service>, profiles: readonly string[] = []): ProjectSketch => ({
      services: { cli: { image: 'app', ...user } },
      disabled: { web: { image: 'app', build: BUILD, profiles } },
    })
    expect(images(alone({}))).toEqual(['app:build'])
    expect(images(alone({ pull_policy: 'never' }))).toEqual(['app:build'])
    expect(images(alone({}, ['publish']))).toEqual(['app:pull'])
  })

  it("is asked for at a registry first where its name is somebody's there, as Docker Compose does", () => {
    const named: ProjectSketch = {
      services: { cli: { image: 'me/app' }, web: { image: 'me/app', build: BUILD } },
    }
    expect(images(named)).toEqual(['me/app:build < me/app:pull', 'me/app:pull'])
    expect(images(named, { services: ['cli'] })).toEqual(['me/app:build < me/app:pull', 'me/app:pull'])
    const plan = planUp(makeProject(named), emptyWorld())
    expect(plan.operations.find(({ type }) => type === 'pullImage')).toMatchObject({ bestEffort: true })
    expect(images(pair({ pull_policy: 'missing' }))).toEqual(['app:build'])
  })

  it('is known by each of its names', () => {
    for (const image of ['app:latest', 'docker.io/library/app', 'library/app:latest'])
      expect(images(pair({ image }), { build: 'always' })).toEqual(['app:build'])
    expect(images(pair({ image: 'app:2' }), { build: 'always' })).toEqual(['app:2:pull', 'app:build'])
  })

  it('may be the one that the tool names', () => {
    expect(images({ services: { cli: { image: 'lamp-web' }, web: { build: BUILD } } })).toEqual([
      'lamp-web:build',
    ])
  })

  it('is pulled and built by the strictest policy of all, which concerns each container', () => {
    expect(images(pair({ pull_policy: 'always' }), {}, ['app'])).toEqual(tolerant)
    // What has no build of its own asks for none.
    expect(images(pair({ pull_policy: 'build' }), {}, ['app'])).toEqual([])
    const two: ProjectSketch = { services: { a: { image: 'x' }, b: { image: 'x', pull_policy: 'always' } } }
    expect(images(two, {}, ['x'])).toEqual(['x:pull'])
  })

  it('is not built with --no-build', () => {
    expect(images(pair({}), { build: 'never' })).toEqual(['app:pull'])
    const ours = makeProject({ services: { cli: { image: 'lamp-web' }, web: { build: BUILD } } })
    expect(() => planUp(ours, emptyWorld(), { build: 'never' })).toThrow(/may not be built/)
  })

  it('serves mounts and steps, too', () => {
    const sketch: ProjectSketch = {
      services: {
        a: {
          image: 'x',
          volumes: [{ type: 'image', source: 'web', target: '/app' }],
          pre_start: [{ image: 'app:latest', command: ['true'] }],
        },
        web: { image: 'app', build: BUILD },
      },
    }
    expect(images(sketch, { services: ['a'] }, ['x'])).toEqual(['app:build'])
  })

  it('is built once; other builds of the name are told', () => {
    const twice = (other: Build): ProjectSketch => ({
      services: { b: { image: 'app', build: other }, a: { image: 'app', build: BUILD } },
    })
    const codes = (sketch: ProjectSketch): string[] =>
      planBuild(makeProject(sketch)).warnings.map(({ code }) => code)
    expect(planBuild(makeProject(twice(BUILD))).operations).toHaveLength(1)
    expect(codes(twice(BUILD))).toEqual([])
    expect(codes(twice({ context: '/other' }))).toEqual(['IMAGE_BUILT_DIFFERENTLY'])
  })

  it('is pulled in earnest, and known to be built', () => {
    const [pull] = planPull(makeProject(pair({})), emptyWorld()).operations
    expect(pull).toMatchObject({ type: 'pullImage', builtBy: 'web' })
    expect(pull).not.toHaveProperty('bestEffort')
    expect(planPull(makeProject(pair({})), emptyWorld(), { ignoreBuildable: true }).operations).toEqual([])
  })
})

describe('builds', () => {
  it('come after those of what their service depends on, if that has an image name to say in FROM', () => {
    const sketch = (image: string | undefined): ProjectSketch => ({
      services: {
        app: { build: BUILD, depends_on: { middle: dependsOn() } },
        middle: { image: 'x', depends_on: { zero: dependsOn() } },
        zero: { build: BUILD, ...(image === undefined ? {} : { image }) },
      },
    })
    const always: UpOptions = { build: 'always' }
    expect(images(sketch('base'), always, ['x'])).toEqual(['base:build', 'lamp-app:build < base:build'])
    expect(images(sketch(undefined), always, ['x'])).toEqual(['lamp-app:build', 'lamp-zero:build'])
  })

  it('rebuild what others take as context, and its containers know it', () => {
    const sketch: ProjectSketch = {
      services: {
        app: { build: { ...BUILD, additional_contexts: { base: 'service:zero' } } },
        zero: { build: BUILD },
      },
    }
    expect(images(sketch, {}, ['lamp-zero'])).toEqual(['lamp-app:build < lamp-zero:build', 'lamp-zero:build'])
    const world = emptyWorld('lamp', { 'lamp-zero': imageOf('zero') })
    const { operations } = planUp(makeProject(sketch), world, { services: ['zero', 'app'] })
    expect(operations.find(({ id }) => id === 'container:lamp-zero-1:create')?.after).toContain('images:wait')
    expect(operations.find(({ id }) => id === 'images:wait')?.after).toContain('image:lamp-zero:build')
  })

  it('of two services from each other are refused', () => {
    const from = (name: string): Build => ({ ...BUILD, additional_contexts: { it: `service:${name}` } })
    const project = makeProject({ services: { a: { build: from('b') }, b: { build: from('a') } } })
    expect(() => planBuild(project)).toThrow(expect.objectContaining({ code: 'BUILD_CONTEXT_CYCLE' }))
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

describe('push', () => {
  const services = {
    app: { image: 'me/app', build: { ...BUILD, tags: ['me/app:v1'] }, depends_on: { base: dependsOn() } },
    twin: { image: 'me/app', build: BUILD },
    base: { image: 'me/base', build: BUILD },
    named: { build: BUILD },
    used: { image: 'redis' },
  }

  it('sends what services build and name, with its further tags, each once', () => {
    expect(steps(planPush(makeProject({ services }))).sort()).toEqual([
      'image:me/app:push',
      'image:me/app:v1:push',
      'image:me/base:push',
    ])
  })

  it('leaves out what is not here where that is wanted', () => {
    const present = { 'me/base': imageOf('me/base') }
    expect(steps(planPush(makeProject({ services }), { present }))).toEqual(['image:me/base:push'])
  })

  it('sends what the services depend on when asked to, and may fail where that is wanted', () => {
    const project = makeProject({ services })
    const own = planPush(project, { services: ['app'] })
    expect(steps(own)).toEqual(['image:me/app:push', 'image:me/app:v1:push'])
    const all = planPush(project, { services: ['app'], includeDependencies: true, ignoreFailures: true })
    expect(steps(all)).toContain('image:me/base:push')
    expect(all.operations.every(({ bestEffort }) => bestEffort === true)).toBe(true)
  })
})
