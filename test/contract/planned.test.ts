import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ContainerCreateRequest } from '../../src/api/types/index.ts'
import type { Engine } from '../../src/engine/index.ts'
import { SimulatedMachine } from '../../src/engine/machine.test-support.ts'
import { observedContainer } from '../../src/executor/observe/container.ts'

// A snapshot leaves out what nobody plans by: plans must not see that.
let machine: SimulatedMachine
let engine: Engine

beforeEach(async () => {
  machine = await new SimulatedMachine().prepare()
  ;({ engine } = await machine.open())
  await engine.containers.create({ Image: 'app:1' }, { name: 'other' })
  await engine.containers.start('other', {})
})
afterEach(() => machine.end())

const LABELS = { 'com.docker.compose.service': 'web', 'com.docker.compose.container-number': '2' }

test.each<[string, ContainerCreateRequest]>([
  ['bare', { Image: 'app:1' }],
  ['of a service', { Image: 'app:1', Labels: LABELS, Env: ['A=b', 'C=d=e'] }],
  [
    'with ports, annotations and a name in its network',
    {
      Image: 'app:1',
      Labels: LABELS,
      HostConfig: {
        NetworkMode: 'net',
        AutoRemove: true,
        Annotations: { a: 'b' },
        PortBindings: { '80/tcp': [{ HostPort: '18099' }] },
        TscomposeHostAccess: true,
      },
      NetworkingConfig: { EndpointsConfig: { net: { Aliases: ['www'] } } },
    },
  ],
  [
    'in the namespaces of another',
    { Image: 'app:1', HostConfig: { PidMode: 'container:other', VolumesFrom: ['other:ro'] } },
  ],
  [
    'in no network',
    { Image: 'app:1', HostConfig: { NetworkMode: 'none', IpcMode: 'host', PidMode: 'host' } },
  ],
  ['with a health check', { Image: 'app:1', Healthcheck: { Test: ['CMD', 'true'] } }],
])('a container %s is planned by as its inspect says', async (_, request) => {
  const { Id } = await engine.containers.create(request, { name: 'web' })
  const isAsInspected = async (): Promise<void> => {
    for (const drift of [true, false]) {
      const inspect = await engine.containers.inspect(Id, { size: false, drift })
      const planned = await engine.containers.planned(Id, drift ? 'seen' : 'untold')
      expect(observedContainer(planned, true)).toEqual(observedContainer(inspect, true))
      if (drift && planned.TscomposeDrift === undefined)
        expect(await engine.containers.planned(Id, 'none')).toEqual(planned)
      expect(Object.keys(planned).length).toBeLessThan(Object.keys(inspect).length / 2)
    }
  }
  await isAsInspected()
  await engine.containers.start(Id, {})
  await isAsInspected()
})
