import { describe, expect, test } from 'vitest'
import type { ComposeModel, Project } from '../model/index.ts'
import { publishedAsChosen } from './publish-choice.ts'

const PORTS = [
  { target: 80, published: '8080' },
  { target: 81, published: '8081', host_ip: '192.0.2.1' },
]

const COMMAND = { command: null, entrypoint: null }

const projectOf = (model: Partial<ComposeModel>): Project =>
  ({ name: 'shop', model: { name: 'shop', services: {}, ...model } }) as Project

/** Addresses and ways of each service's ports. */
const published = (model: Partial<ComposeModel>, env: Record<string, string> = {}) =>
  Object.values(publishedAsChosen(projectOf(model), env).model.services).map(service => [
    service.ports?.map(({ host_ip }) => host_ip),
    service['x-tscompose']?.publish,
  ])

describe('publishedAsChosen', () => {
  test('a service goes before its project, and that before the machine', () => {
    const services = {
      one: { ...COMMAND, ports: PORTS },
      two: { ...COMMAND, ports: PORTS, 'x-tscompose': { publish: 'all' } },
    } as const
    expect(published({ services, 'x-tscompose': { publish: 'loopback' } })).toEqual([
      [['127.0.0.1', '192.0.2.1'], undefined],
      [[undefined, '192.0.2.1'], 'all'],
    ])
    expect(published({ services }, { TSCOMPOSE_PUBLISH: 'proxy' }).map(([, way]) => way)).toEqual([
      'proxy',
      'all',
    ])
    expect(published({ services })[0]).toEqual([[undefined, '192.0.2.1'], undefined])
  })

  test('leaves alone what publishes nothing, and refuses what is no choice', () => {
    const services = { one: COMMAND, two: { ...COMMAND, ports: PORTS, network_mode: 'host' } }
    expect(published({ services }, { TSCOMPOSE_PUBLISH: 'proxy' }).map(([, way]) => way)).toEqual([
      undefined,
      undefined,
    ])
    expect(() => published({}, { TSCOMPOSE_PUBLISH: 'nobody' })).toThrow('want all, proxy, loopback')
  })
})
