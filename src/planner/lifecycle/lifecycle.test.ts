import { describe, expect, it } from 'vitest'
import { planKill, planPause, planRemove, planRestart, planStart, planStop, planUp } from '../index.ts'
import { dependsOn, makeProject } from '../testing/projects.ts'
import { EMPTY, PROJECT, STOPPED, steps, WORLD, withOneOff } from '../testing/running-project.ts'
import { emptyWorld, imageOf, simulate } from '../testing/simulate.ts'

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

  it('fails for a named service without a container, or where none has one', () => {
    const refused = expect.objectContaining({ code: 'NO_CONTAINER_TO_START' })
    expect(() => planStart(PROJECT, EMPTY)).toThrow(refused)
    const some = { ...STOPPED, containers: STOPPED.containers.filter(({ service }) => service === 'db') }
    expect(() => planStart(PROJECT, some, { services: ['web'] })).toThrow(refused)
    expect(steps(planStart(PROJECT, some))).toEqual(['db-1:start'])
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

  it('leaves alone what stays in the network of one that is restarted', () => {
    const project = makeProject({
      services: {
        web: {},
        side: {
          image: 'example/web',
          network_mode: 'service:web',
          depends_on: { web: dependsOn('started', { restart: true }) },
        },
      },
    })
    const empty = emptyWorld('lamp', { 'example/web': imageOf('web') })
    const world = simulate(planUp(project, empty), empty)
    const staying = world.containers.map(each => ({ ...each, staysInNetwork: true as const }))
    const restarted = (containers: typeof world.containers): string[] =>
      steps(planRestart(project, { ...world, containers }, { services: ['web'] }))
    expect(restarted(world.containers)).toEqual(['web-1:restart', 'side-1:restart'])
    expect(restarted(staying)).toEqual(['web-1:restart'])
    // Where both are restarted, it joins what runs again.
    const [web, side] = planRestart(project, { ...world, containers: staying }).operations
    expect(side?.after).toEqual([web?.id])
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
    const words = (action: () => unknown, text: string): void =>
      expect(action).toThrow(
        expect.objectContaining({ code: 'NO_CONTAINER_IN_STATE', message: expect.stringContaining(text) }),
      )
    // What scripts look for in what Docker says.
    words(() => planPause(PROJECT, paused), 'already paused')
    words(() => planPause(PROJECT, WORLD, { unpause: true }), 'not paused')
    expect(planPause(PROJECT, { ...WORLD, containers: [] }).operations).toEqual([])
    expect(planPause(PROJECT, STOPPED).operations).toEqual([])
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
