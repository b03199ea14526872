import { describe, expect, it } from 'vitest'
import { ROUTES, type Route } from '../../routes.ts'
import { nameFields } from './names.ts'
import type { Field, Shape } from './shape.ts'
import { BODIES, CONTAINER_CREATE } from './shapes.ts'

const named = (body: object): object => nameFields(CONTAINER_CREATE, body)

describe('names of fields', () => {
  it('are found without regard to case, to whatever depth the shape goes', () => {
    const body = {
      image: 'x',
      cmd: ['echo'],
      ENV: ['A=1'],
      hostconfig: {
        memory: 20_000_000,
        securityopt: ['no-new-privileges'],
        mounts: [{ type: 'volume', Source: 'v', volumeoptions: { driverConfig: { NAME: 'local' } } }],
        portbindings: { '80/tcp': [{ hostport: '80' }] },
      },
      networkingConfig: { endpointsconfig: { Front: { aliases: ['shop'] } } },
    }
    expect(named(body)).toEqual({
      Image: 'x',
      Cmd: ['echo'],
      Env: ['A=1'],
      HostConfig: {
        Memory: 20_000_000,
        SecurityOpt: ['no-new-privileges'],
        Mounts: [{ Type: 'volume', Source: 'v', VolumeOptions: { DriverConfig: { Name: 'local' } } }],
        PortBindings: { '80/tcp': [{ HostPort: '80' }] },
      },
      NetworkingConfig: { EndpointsConfig: { Front: { Aliases: ['shop'] } } },
    })
  })

  it('leave the keys of maps, what no shape names, and what is of another kind', () => {
    const body = {
      Labels: { image: 'a', IMAGE: 'b' },
      ExposedPorts: { '80/TCP': { image: 1 } },
      HostConfig: { Sysctls: { Memory: 'x' }, LogConfig: { Config: { type: 'a' } }, Mounts: [3, null, [{}]] },
      NetworkingConfig: { EndpointsConfig: { links: { DriverOpts: { links: 'x' } }, none: null } },
      FromTheFuture: { image: 1 },
      Healthcheck: null,
    }
    expect(named(body)).toBe(body)
  })

  it('fold as Go folds them, and no further', () => {
    expect(named({ hoſtname: 'a', 'Stop\u017fignal': 'b', networ\u212aingConfig: {} })).toEqual({
      Hostname: 'a',
      StopSignal: 'b',
      NetworkingConfig: {},
    })
    const others = { Ｉmage: 'a', ımage: 'b', İmage: 'c', 'Image ': 'd' }
    expect(named(others)).toBe(others)
  })

  it('that are there twice: the last one counts, and objects are joined', () => {
    expect(named({ image: 'a', Image: 'b' })).toEqual({ Image: 'b' })
    expect(named({ Image: 'b', image: 'a' })).toEqual({ Image: 'a' })
    expect(
      named({ HostConfig: { Memory: 1, CpuShares: 2 }, hostconfig: { memory: 3, Privileged: false } }),
    ).toEqual({ HostConfig: { Memory: 3, CpuShares: 2, Privileged: false } })
    expect(named({ Env: ['A=1'], env: ['B=1'] })).toEqual({ Env: ['B=1'] })
  })

  it('that every object has are those of no shape', () => {
    const body: object = JSON.parse('{"__proto__":{"Image":"a"},"constructor":"b","toString":1,"image":"c"}')
    const result = named(body)
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
    expect(Object.keys(result)).toEqual(['__proto__', 'constructor', 'toString', 'Image'])
  })

  it('are known of every body with which something is done', () => {
    const routes = Object.entries<Route>(ROUTES).filter(([, route]) => route.body === 'json')
    const shapeless = routes.map(([name]) => name).filter(name => !Object.hasOwn(BODIES, name))
    const ofClusters = /^(checkpointCreate|volumeUpdate|(config|node|plugin|secret|service|swarm)[A-Z]\w*)$/
    expect(shapeless.filter(name => !ofClusters.test(name))).toEqual([])
  })

  it('are of ASCII and differ by more than their case, in every shape', () => {
    const check = (shape: Shape): void => {
      const names = Object.keys(shape)
      expect(new Set(names.map(name => name.toLowerCase())).size).toBe(names.length)
      expect(names.filter(name => !/^\w+$/.test(name))).toEqual([])
      for (const field of Object.values(shape)) for (const inner of shapesIn(field)) check(inner)
    }
    const shapesIn = (field: Field): readonly Shape[] =>
      typeof field === 'string' ? [] : Object.values(field)
    for (const shape of Object.values(BODIES)) check(shape)
  })
})
