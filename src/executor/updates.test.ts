import { describe, expect, it } from 'vitest'
import type { Service } from '../model/index.ts'
import { planUp } from '../planner/index.ts'
import { makeProject } from '../planner/testing/projects.ts'
import { execute } from './execute.ts'
import { observe } from './observe/observe.ts'
import type { ExecuteResult } from './options.ts'
import { FakeDocker, problem } from './testing/fake-docker.ts'

type Update = NonNullable<NonNullable<Service['deploy']>['update_config']>

const web = (update: Update, scale: number, mark: string) =>
  makeProject({
    services: {
      web: { scale, environment: { MARK: mark }, deploy: { update_config: { monitor: '1ms', ...update } } },
    },
  })

/** An engine like ours, with containers of which each is to be replaced, where the start of that one's new container fails. */
async function updated(
  update: Update,
  scale: number,
  fails: string,
  happens: (docker: FakeDocker, call: string) => void = () => undefined,
): Promise<{ readonly docker: FakeDocker; readonly result: ExecuteResult; readonly left: string[] }> {
  const docker = new FakeDocker()
  docker.addImage('example/web')
  const first = web(update, scale, 'old')
  await execute(planUp(first, await observe(docker, first)), docker, { project: first })
  const project = web(update, scale, 'new')
  const seen = await observe(docker, project)
  const observed = { ...seen, containers: seen.containers.map(each => ({ ...each, extensions: [] })) }
  docker.trouble = call => {
    happens(docker, call)
    return call === fails ? problem('conflict', 'it does not start') : undefined
  }
  const result = await execute(planUp(project, observed), docker, { project })
  const left = [...docker.containers.values()].map(({ name }) => name).sort()
  return { docker, result, left }
}

const STARTS_FIRST: Update = { order: 'start-first' }
const oldIdOf = async (scale: number): Promise<string> => {
  const docker = new FakeDocker()
  docker.addImage('example/web')
  const project = web(STARTS_FIRST, scale, 'old')
  await execute(planUp(project, await observe(docker, project)), docker, { project })
  return [...docker.containers.values()][0]?.id ?? ''
}

describe('an update', () => {
  it('moves ports and names, lets the old one be left, and then stops it', async () => {
    const { docker, result } = await updated(STARTS_FIRST, 1, '')
    expect(result.ok).toBe(true)
    const calls = docker.calls.filter(call => /relieve|drain|stop|remove|rename/.test(call))
    expect(calls.map(call => call.split(' ')[0])).toEqual(['relieve', 'drain', 'stop', 'remove', 'rename'])
  })

  it('removes the new one that fails, and leaves the old one', async () => {
    const temporary = `${(await oldIdOf(1)).slice(0, 12)}_lamp-web-1`
    const { docker, result, left } = await updated(STARTS_FIRST, 1, `start ${temporary}`)
    expect(result.ok).toBe(false)
    expect(left).toEqual(['lamp-web-1'])
    expect(docker.calls).not.toContain('stop lamp-web-1')
  })

  it.each<[string, 'running' | 'exited', string[]]>([
    ['goes back to the old one where the new one ends while that is left', 'running', ['lamp-web-1']],
    ['leaves the new one where the old one has ended as well', 'exited', ['lamp-web-1']],
  ])('%s', async (_, old, names) => {
    const { docker, result, left } = await updated(STARTS_FIRST, 1, '', (docker, call) => {
      if (call !== 'drain lamp-web-1') return
      for (const each of docker.containers.values())
        if (each.name !== 'lamp-web-1' || old === 'exited') each.state = { ...each.state, Status: 'exited' }
    })
    expect(left).toEqual(names)
    expect(result.ok).toBe(old !== 'running')
    expect(docker.calls.includes('remove lamp-web-1')).toBe(old !== 'running')
    const codes = result.failures.flatMap(({ failure }) => failure.diagnostics.map(({ code }) => code))
    expect(codes).toEqual(old === 'running' ? ['CONTAINER_EXITED'] : [])
  })

  it.each<[Update, number]>([
    [{ parallelism: 1 }, 0],
    [{ parallelism: 1, failure_action: 'continue' }, 2],
    [{ parallelism: 1, max_failure_ratio: 0.34 }, 2],
  ])('of %o goes on to so many others where the first fails: %i', async (update, others) => {
    const { docker, result } = await updated(update, 3, 'start lamp-web-1')
    expect(result.failures.map(({ operation }) => operation.id)).toEqual(['container:lamp-web-1:start'])
    expect(result.ok).toBe(false)
    const removed = docker.calls.filter(call => /^remove lamp-web-[23]$/.test(call))
    expect(removed).toHaveLength(others)
  })
})
