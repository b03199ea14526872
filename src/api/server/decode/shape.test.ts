import { expect, it } from 'vitest'
import type { Failure } from '../../../diagnostics/index.ts'
import { checkShape, takeShape } from './shape.ts'
import { CONTAINER_CREATE } from './shapes.ts'

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
    HostConfig: { ...host, Deep: true, Mounts: [{ Type: 'tmpfs', Path: '/' }] },
    NetworkingConfig: { ...networking, EndpointsConfig: { front: { Aliases: ['shop'], Id: 'y' } } },
  }
  expect(takeShape(CONTAINER_CREATE, body)).toEqual({
    body: known,
    unknown: [
      'HostConfig.Mounts[0].Path',
      'HostConfig.Deep',
      'NetworkingConfig.EndpointsConfig.front.Id',
      'Root',
      'constructor',
    ],
  })
})
