import { describe, expect, it } from 'vitest'
import type { Project } from '../model/index.ts'
import { planUp } from '../planner/index.ts'
import { dependsOn, makeProject } from '../planner/testing/projects.ts'
import { execute } from './execute.ts'
import { observe } from './observe/observe.ts'
import type { WaitOptions } from './options.ts'
import { FakeDocker } from './testing/fake-docker.ts'
import { waitReady } from './wait-ready.ts'

const PROJECT = makeProject({
  services: { web: {}, db: {}, job: {}, late: { depends_on: { job: dependsOn('completed_successfully') } } },
})

async function upped(change: (docker: FakeDocker) => void = () => undefined): Promise<FakeDocker> {
  const docker = new FakeDocker()
  for (const name of ['web', 'db', 'job', 'late']) docker.addImage(`example/${name}`)
  docker.exitCodes = { job: 0 }
  change(docker)
  await execute(planUp(PROJECT, await observe(docker, PROJECT)), docker, { project: PROJECT })
  return docker
}

async function codeOf(
  docker: FakeDocker,
  options: WaitOptions = {},
  project: Project = PROJECT,
): Promise<unknown> {
  try {
    return await waitReady(docker, project, options)
  } catch (error) {
    return (error as { code?: string }).code
  }
}

describe('up --wait', () => {
  it('is over when all run, are healthy where they can be, and one-shots have completed', async () => {
    const words: string[] = []
    const docker = await upped(fake => Object.assign(fake, { health: { db: 'healthy' } }))
    await waitReady(docker, PROJECT, {
      onEvent: ({ status, name, text }) => {
        if (status === 'done') words.push(`${name} ${text}`)
      },
    })
    expect(words.sort()).toEqual([
      'lamp-db-1 Healthy',
      'lamp-job-1 Exited',
      'lamp-late-1 Running',
      'lamp-web-1 Running',
    ])
  })

  it('knows a one-shot by who needs it, also when that one is not asked for', async () => {
    const docker = await upped(fake => Object.assign(fake, { exitCodes: { job: 7 } }))
    const { late, ...services } = PROJECT.model.services
    const alone = { ...PROJECT, model: { ...PROJECT.model, services }, disabledServices: { late } } as Project
    expect(await codeOf(docker, { services: ['job'] }, alone)).toBe('CONTAINER_EXITED')
  })

  it('waits until it is healthy', async () => {
    const docker = await upped(fake => Object.assign(fake, { health: { db: 'starting' } }))
    const onEvent: WaitOptions['onEvent'] = ({ text }) => {
      if (text === 'Healthy' || text === 'Running') docker.health = { db: 'healthy' }
    }
    expect(await codeOf(docker, { onEvent })).toBeUndefined()
  })

  it('fails when something can not get there', async () => {
    const unhealthy = await upped(fake => Object.assign(fake, { health: { db: 'unhealthy' } }))
    expect(await codeOf(unhealthy)).toBe('CONTAINER_UNHEALTHY')
    const ended = await upped(fake => Object.assign(fake, { exitCodes: { job: 0, web: 0 } }))
    expect(await codeOf(ended)).toBe('CONTAINER_EXITED')
    expect(await codeOf(ended, { services: ['db'] })).toBeUndefined()
  })

  it('gives up on one that keeps restarting, and shows what it wrote last', async () => {
    const docker = await upped()
    docker.crashing = new Set(['web'])
    docker.written = { web: 'no database\nbye\n' }
    const error = await waitReady(docker, PROJECT).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'CONTAINER_RESTARTING',
      diagnostics: [{ detail: 'no database\nbye', summary: expect.stringContaining('7') }],
    })
    expect(await codeOf(docker, { services: ['db'] })).toBeUndefined()
  })

  it('shows what one that has ended wrote last', async () => {
    const ended = await upped(fake => Object.assign(fake, { exitCodes: { job: 0, web: 2 } }))
    ended.written = { web: 'oh no\n' }
    await expect(waitReady(ended, PROJECT)).rejects.toMatchObject({
      code: 'CONTAINER_EXITED',
      diagnostics: [{ detail: 'oh no' }],
    })
  })

  it('fails when its time is over, and ends when it is interrupted', async () => {
    const docker = await upped(fake => Object.assign(fake, { health: { db: 'starting' } }))
    expect(await codeOf(docker, { timeout: 20 })).toBe('NOT_HEALTHY_IN_TIME')
    expect(await codeOf(docker, { signal: AbortSignal.abort() })).toBe('INTERRUPTED')
  })
})
