import type { Project } from '../../model/index.ts'
import { type Plan, planStop, planUp } from '../index.ts'
import type { Observed } from '../observed/observed.ts'
import { dependsOn, makeProject, type ProjectSketch } from './projects.ts'
import { emptyWorld, imageOf, simulate } from './simulate.ts'

/** Three services that depend on each other in a row, with a build, a hook, a volume. */
export const SKETCH: ProjectSketch = {
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
export const PROJECT: Project = makeProject(SKETCH)
const IMAGES = { 'example/app': imageOf('app'), 'example/db': imageOf('db') }
/** The world before its first `up`, with the images that nobody builds. */
export const EMPTY: Observed = emptyWorld('lamp', IMAGES)
/** All of it runs. */
export const WORLD: Observed = simulate(planUp(PROJECT, EMPTY), EMPTY)
/** All of it has been stopped. */
export const STOPPED: Observed = simulate(planStop(PROJECT, WORLD), WORLD)

/** Ids of a plan's operations, without the prefix of the project's containers. */
export function steps({ operations }: Plan): string[] {
  return operations.map(({ id }) => id.replace(/^container:lamp-/, ''))
}

/** `WORLD`, with a container of `run`. */
export function withOneOff(state: 'running' | 'exited'): Observed {
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
