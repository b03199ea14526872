import { expect, test } from 'vitest'
import { type Observed, type Plan, planStart, planStop, planUp } from '../planner/index.ts'
import { makeProject } from '../planner/testing/projects.ts'
import { execute } from './execute.ts'
import { observe } from './observe/observe.ts'
import { plannedPorts } from './planned-ports.ts'
import { FakeDocker } from './testing/fake-docker.ts'

const web = (published: string, network_mode?: string) =>
  makeProject({
    services: {
      web: { ports: [{ target: 80, published }], ...(network_mode === undefined ? {} : { network_mode }) },
    },
  })

/** A container of this project that was stopped. */
async function stopped(project: ReturnType<typeof web>): Promise<Observed> {
  const docker = new FakeDocker()
  docker.addImage('example/web')
  await execute(planUp(project, await observe(docker, project)), docker, { project })
  await execute(planStop(project, await observe(docker, project)), docker, { project })
  return observe(docker, project)
}

const portsOf = (plan: Plan, observed: Observed): unknown[] =>
  plannedPorts(plan, observed).map(({ operation, bindings }) => [operation.type, bindings])

test('what is there already publishes what it was made with, whatever the file says now', async () => {
  const observed = await stopped(web('8080'))
  expect(portsOf(planStart(web('8081'), observed), observed)).toEqual([
    ['startContainer', { '80/tcp': [{ HostPort: '8080' }] }],
  ])
  expect(portsOf(planUp(web('8081'), observed), observed)).toEqual([
    ['createContainer', { '80/tcp': [{ HostPort: '8081' }] }],
  ])
  const silent = await stopped(makeProject({ services: { web: {} } }))
  expect(portsOf(planStart(web('8081'), silent), silent)).toEqual([])
})

test('without a network of its own it publishes nothing', async () => {
  const observed = await stopped(web('8080', 'host'))
  expect(portsOf(planStart(web('8080'), observed), observed)).toEqual([])
})
