import { describe, expect, test } from 'vitest'
import type { PortMap } from '../../api/types/index.ts'
import type { PublishedPort } from '../../network/index.ts'
import { termsOf } from './index.ts'
import { type ContainerPort, isPort, portMapOf, portRowsOf } from './ports.ts'
import { codeOf, refusals } from './refusals.test-support.ts'

const EVERYWHERE = ['0.0.0.0', '::']

describe('what is published', () => {
  test('has addresses, ports, ranges and protocols', () => {
    const PortBindings = {
      '80/tcp': [{ HostPort: '8080' }, { HostIp: '[::1]', HostPort: '8000-8010' }],
      '53/UDP': [{ HostIp: '127.0.0.1', HostPort: '0' }],
    }
    expect(termsOf({}, { PortBindings }).ports.published).toEqual([
      { protocol: 'udp', containerPort: 53, hostIps: ['127.0.0.1'] },
      { protocol: 'tcp', containerPort: 80, hostIps: EVERYWHERE, range: { from: 8080, to: 8080 } },
      { protocol: 'tcp', containerPort: 80, hostIps: ['::1'], range: { from: 8000, to: 8010 } },
    ])
  })

  test('without a binding is any port of the host', () => {
    const any = [{ protocol: 'tcp', containerPort: 80, hostIps: EVERYWHERE }]
    expect(termsOf({}, { PortBindings: { '80/tcp': null } }).ports.published).toEqual(any)
    expect(termsOf({}, { PortBindings: { '80': [] } }).ports.published).toEqual(any)
  })

  test('is all that is exposed, where that is asked for', () => {
    const config = { ExposedPorts: { '80/tcp': {}, '443': {} } }
    const PortBindings = { '80/tcp': [{ HostPort: '80' }] }
    const ports = (PublishAllPorts: boolean) =>
      termsOf(config, { PortBindings, PublishAllPorts }).ports.published.map(({ containerPort, range }) => [
        containerPort,
        range?.from,
      ])
    expect(ports(false)).toEqual([[80, 80]])
    expect(ports(true)).toEqual([
      [80, 80],
      [443, undefined],
    ])
  })

  test.each<PortMap>([
    { '0/tcp': null },
    { '80/icmp': null },
    { '80/tcp/x': null },
    { 'http/tcp': null },
    { '80/tcp': [{ HostPort: '70000' }] },
    { '80/tcp': [{ HostPort: '9-8' }] },
    { '80/tcp': [{ HostPort: '1-2-3' }] },
    { '80/tcp': [{ HostIp: 'eth0', HostPort: '80' }] },
  ])('%j is refused', PortBindings => {
    expect(codeOf(() => termsOf({}, { PortBindings }).ports)).toBe('PORT_INVALID')
    expect(refusals({}, { PortBindings })).toEqual(['PORT_INVALID HostConfig.PortBindings'])
  })
})

test('an image that exposes what is no port is refused only to whom publishes it', () => {
  const config = { ExposedPorts: { '80/tcp': {}, '53/udp': {}, '8000-8010/tcp': {} } }
  expect(termsOf(config, {}).ports.exposed).toEqual([
    { protocol: 'tcp', containerPort: 80 },
    { protocol: 'udp', containerPort: 53 },
  ])
  expect(refusals(config, {})).toEqual([])
  expect(refusals(config, { PublishAllPorts: true })).toEqual(['PORT_INVALID HostConfig.PortBindings'])
})

describe('ports that are told', () => {
  const exposed: ContainerPort[] = [
    { protocol: 'tcp', containerPort: 80 },
    { protocol: 'udp', containerPort: 53 },
  ]
  const published: PublishedPort[] = EVERYWHERE.map(hostIp => ({
    protocol: 'tcp',
    hostIp,
    hostPort: 8080,
    containerPort: 80,
  }))

  test('to an inspect', () => {
    expect(portMapOf(exposed, published)).toEqual({
      '80/tcp': [
        { HostIp: '0.0.0.0', HostPort: '8080' },
        { HostIp: '::', HostPort: '8080' },
      ],
      '53/udp': null,
    })
  })

  test('to a list', () => {
    expect(portRowsOf(exposed, published)).toEqual([
      { PrivatePort: 53, Type: 'udp' },
      { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
      { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
    ])
  })
})

test('a filter says a port with or without its protocol', () => {
  const port: ContainerPort = { protocol: 'tcp', containerPort: 80 }
  expect(['80', '80/tcp', '80/udp', '8080', 'x'].map(text => isPort(text, port))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})
