import { expect, it } from 'vitest'
import type { Failure } from '../../../diagnostics/index.ts'
import { checkShape, takeShape } from './shape.ts'
import { CONTAINER_CREATE, CONTAINER_UPDATE, EXEC_START, NETWORK_DISCONNECT } from './shapes.ts'

it('lets through what is right, and what it does not know', () => {
  const body = {
    Image: 'busybox',
    Env: [],
    HostConfig: {
      Mounts: [{ Type: 'bind', BindOptions: {} }],
      PortBindings: { '80/tcp': [{ HostPort: '80' }] },
    },
    NetworkingConfig: { EndpointsConfig: { front: { Aliases: ['shop'] } } },
    FromTheFuture: 3,
  }
  expect(() => checkShape(CONTAINER_CREATE, body)).not.toThrow()
})

it('names every field that is wrong, with its path', () => {
  const body = {
    Env: { A: 'b' },
    Tty: 'yes',
    HostConfig: { Memory: '64m', Mounts: [{ Target: 1 }, 'x'], Sysctls: { a: 1 } },
    NetworkingConfig: { EndpointsConfig: { front: { Aliases: 'shop' } } },
  }
  const paths = (): readonly (string | undefined)[] => {
    try {
      checkShape(CONTAINER_CREATE, body)
      return []
    } catch (error) {
      return (error as Failure).diagnostics.map(diagnostic => diagnostic.path)
    }
  }
  expect([...paths()].sort()).toEqual([
    'Env',
    'HostConfig.Memory',
    'HostConfig.Mounts[0].Target',
    'HostConfig.Mounts[1]',
    'HostConfig.Sysctls',
    'NetworkingConfig.EndpointsConfig.front.Aliases',
    'Tty',
  ])
})

it('takes what the shape names, to any depth, and tells the rest unless it says nothing', () => {
  const known = {
    Image: 'busybox',
    ExposedPorts: { '80/tcp': {} },
    HostConfig: { Memory: 1, Mounts: [{ Type: 'tmpfs' }], PortBindings: { '80/tcp': [{ HostPort: '1' }] } },
    NetworkingConfig: { EndpointsConfig: { front: { Aliases: ['shop'] } } },
  }
  const { HostConfig: host, NetworkingConfig: networking } = known
  const body = {
    ...known,
    Root: 'x',
    Empty: {},
    Zero: 0,
    constructor: 'x',
    ExposedPorts: { '80/tcp': { Evil: 1 } },
    HostConfig: {
      ...host,
      Deep: true,
      Mounts: [{ Type: 'tmpfs', Path: '/' }],
      PortBindings: { '80/tcp': [{ HostPort: '1', Evil: 2 }] },
    },
    NetworkingConfig: { ...networking, EndpointsConfig: { front: { Aliases: ['shop'], Id: 'y' } } },
  }
  expect(takeShape(CONTAINER_CREATE, body)).toEqual({
    body: known,
    unknown: [
      'ExposedPorts.80/tcp.Evil',
      'HostConfig.Mounts[0].Path',
      'HostConfig.PortBindings.80/tcp[0].Evil',
      'HostConfig.Deep',
      'NetworkingConfig.EndpointsConfig.front.Id',
      'Root',
      'constructor',
    ],
  })
})

it('keeps nothing of a body, at any depth, that no shape names', () => {
  const evil = { Evil: { deep: [1] } }
  const body = {
    Volumes: { '/v': evil },
    Healthcheck: evil,
    HostConfig: {
      LogConfig: evil,
      RestartPolicy: evil,
      Devices: [evil],
      Mounts: [{ BindOptions: evil, VolumeOptions: { DriverConfig: evil } }],
      PortBindings: { '1/tcp': [evil] },
    },
    NetworkingConfig: { EndpointsConfig: { a: { IPAMConfig: evil } } },
  }
  expect(JSON.stringify(takeShape(CONTAINER_CREATE, body as object).body)).not.toContain('Evil')
  const update = { ...evil, RestartPolicy: { Name: 'no', ...evil }, BlkioWeightDevice: [evil] }
  expect(takeShape(CONTAINER_UPDATE, update as object)).toEqual({
    body: { RestartPolicy: { Name: 'no' }, BlkioWeightDevice: [{}] },
    unknown: ['Evil', 'RestartPolicy.Evil', 'BlkioWeightDevice[0].Evil'],
  })
})

it.each([
  { HostConfig: { ConsoleSize: [{ Evil: 1 }, 2] } },
  { HostConfig: { Mounts: [{ TmpfsOptions: { Options: [['a', { Evil: 1 }]] } }] } },
  { HostConfig: { PortBindings: { '80/tcp': { Evil: 1 } } } },
  { Volumes: { '/v': ['Evil'] } },
])('refuses lists of another kind: %j', body => {
  expect(() => takeShape(CONTAINER_CREATE, body as object)).toThrow()
})

it.each([
  [{ Image: 5 }, 'json: cannot unmarshal number into Go struct field .Image of type string'],
  [{ Env: 'A=1' }, 'json: cannot unmarshal string into Go struct field .Env of type []string'],
  [{ Tty: [] }, 'json: cannot unmarshal array into Go struct field .Tty of type bool'],
  [
    { HostConfig: { Memory: 1.5 } },
    'json: cannot unmarshal number 1.5 into Go struct field .HostConfig.Memory of type int64',
  ],
  [
    { HostConfig: { Memory: 1e30 } },
    'json: cannot unmarshal number 1e+30 into Go struct field .HostConfig.Memory of type int64',
  ],
  [
    { StopTimeout: -(2 ** 64) },
    'json: cannot unmarshal number -18446744073709552000 into Go struct field .StopTimeout of type int64',
  ],
  [
    { HostConfig: { BlkioWeight: -1 } },
    'json: cannot unmarshal number -1 into Go struct field .HostConfig.BlkioWeight of type uint16',
  ],
  [
    { HostConfig: { BlkioWeightDevice: [{ Path: '/dev/sda', Weight: 65536 }] } },
    'json: cannot unmarshal number 65536 into Go struct field .HostConfig.BlkioWeightDevice[0].Weight of type uint16',
  ],
  [{ HostConfig: { ConsoleSize: [1, 1e30] } }, 'json: cannot unmarshal array into Go struct field'],
])('%j is refused in the words of Docker', (body, words) => {
  expect(() => takeShape(CONTAINER_CREATE, body)).toThrow(`invalid JSON: ${words}`)
})

it('the largest integers of 64 bits are let through', () => {
  const most = 2 ** 63
  const HostConfig = { Memory: most, MemorySwap: -most, BlkioWeight: 65535, PidsLimit: 0 }
  expect(() => checkShape(CONTAINER_CREATE, { HostConfig })).not.toThrow()
})

it('what is sent to an exec or to leave a network is looked at, too', () => {
  expect(() => takeShape(EXEC_START, { ConsoleSize: 5 })).toThrow('.ConsoleSize of type uint')
  expect(() => takeShape(NETWORK_DISCONNECT, { Container: 'a', Force: 'yes' })).toThrow('.Force of type bool')
})
