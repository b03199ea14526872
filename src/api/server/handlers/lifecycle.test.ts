import { expect, it } from 'vitest'
import type { ContainerBackend } from '../../backend/containers.ts'
import type { ApiRequest } from '../handler.ts'
import { Peers } from '../peers.ts'
import { lifecycleHandlers } from './lifecycle.ts'

function create(body: object): Promise<unknown> {
  const backend = { create: async () => ({ Id: 'c', Warnings: [] }) } as unknown as ContainerBackend
  const request = { query: {}, body, connection: {} } as unknown as ApiRequest<'containerCreate'>
  return lifecycleHandlers(backend, new Peers()).containerCreate(request)
}

it.each([
  {},
  { HostConfig: { Privileged: true } },
  { NetworkingConfig: {}, Unknown: 1 },
])('a container of which nothing is said is refused before its image is looked for: %j', async body => {
  await expect(create(body)).rejects.toMatchObject({
    kind: 'invalidArgument',
    message: expect.stringContaining('config cannot be empty in order to create a container'),
  })
})

it('a container of which little is said is created', async () => {
  expect(await create({ Image: 'busybox' })).toEqual({ Id: 'c', Warnings: [] })
})
