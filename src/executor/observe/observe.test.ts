import { expect, test } from 'vitest'
import { failure } from '../../diagnostics/index.ts'
import { makeProject } from '../../planner/testing/projects.ts'
import { FakeDocker } from '../testing/fake-docker.ts'
import { observe } from './observe.ts'

const PROJECT = makeProject({ services: { web: {}, db: {} }, volumes: { data: {} } })

test('is one call where the engine answers it', async () => {
  const asked: object[] = []
  const docker = Object.assign(new FakeDocker(), {
    snapshot: async (request: object) => {
      asked.push(request)
      return { Containers: [], Networks: [], Volumes: [], Images: {} }
    },
  })
  const observed = await observe(docker, PROJECT)
  expect(observed).toEqual({ project: 'lamp', containers: [], networks: [], volumes: [], images: {} })
  expect(asked).toEqual([
    {
      Labels: ['com.docker.compose.project=lamp'],
      Networks: ['lamp_default'],
      Volumes: ['lamp_data'],
      Images: ['example/db', 'example/web'],
    },
  ])
  expect(docker.calls).toEqual([])
})

test.each([
  ['does not know it', 'notFound'],
  ['gives us a part alone', 'unauthorized'],
] as const)('asks for each thing where the engine %s', async (_, kind) => {
  const docker = Object.assign(new FakeDocker(), {
    snapshot: () => Promise.reject(failure({ code: 'ENGINE_ERROR', kind, summary: 'no' })),
  })
  docker.addImage('example/web')
  expect(Object.keys((await observe(docker, PROJECT)).images)).toEqual(['example/web'])
})
