import { expect, test } from 'vitest'
import type { Docker } from '../client/index.ts'
import { type Plan, planUp } from '../planner/index.ts'
import { makeProject } from '../planner/testing/projects.ts'
import { EMPTY } from '../planner/testing/running-project.ts'
import { silentNames } from './silent-names.ts'

const PROJECT = { ...makeProject({ services: { web: {} } }), instance: { name: 'a' } }
const STARTED = planUp(PROJECT, EMPTY)
const NOTHING: Plan = { ...STARTED, operations: [] }

const NAMES = [
  { Host: 'a.shop.localhost', Port: 80, Answers: true },
  { Host: 'a.shop.localhost', Port: 81, Answers: false },
]

/** Of one container that answers at port 80 alone. */
async function told(
  plan: Plan,
  env: Readonly<Record<string, string>> = {},
  project = PROJECT,
): Promise<unknown[]> {
  const Labels = {
    'com.docker.compose.service': 'web',
    'com.docker.compose.config-hash': 'x',
    'com.docker.compose.oneoff': 'False',
  }
  const listContainers = async () => [{ Id: 'a', Names: ['/lamp-web-1'], Labels, TscomposeNames: NAMES }]
  const docker = { listContainers } as unknown as Docker
  return (await silentNames({ docker, project, target: { env } }, plan)).map(({ code, summary }) => [
    code,
    summary.match(/port (\d+)/)?.[1],
  ])
}

test('a name that does not answer is told each time, by the engine of what is started', async () => {
  expect(await told(NOTHING)).toEqual([['NAME_SILENT', '81']])
  expect(await told(STARTED)).toEqual([])
})

test('there are none of the project itself, and of another engine', async () => {
  expect(await told(NOTHING, { DOCKER_HOST: 'unix:///nowhere' })).toEqual([])
  const { instance: _, ...plain } = PROJECT
  expect(await told(NOTHING, {}, plain as typeof PROJECT)).toEqual([])
})
