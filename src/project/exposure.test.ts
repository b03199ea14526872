import { expect, test } from 'vitest'
import type { Plan } from '../planner/index.ts'
import { placesOf, plannedExposure } from './exposure.ts'

test('ports that follow each other are one place, by address and protocol', () => {
  const ports = [3, 1, 2, 5].flatMap(number =>
    ['0.0.0.0', '::'].map(IP => ({ IP, PrivatePort: number + 10, PublicPort: number, Type: 'udp' as const })),
  )
  expect(placesOf([...ports, { PrivatePort: 9, Type: 'tcp' }])).toEqual([
    { address: '0.0.0.0', port: '1-3', target: '11-13/udp' },
    { address: '0.0.0.0', port: '5', target: '15/udp' },
    { address: '::', port: '1-3', target: '11-13/udp' },
    { address: '::', port: '5', target: '15/udp' },
  ])
})

test('a plan tells who will reach what it makes', () => {
  const service = (more: object) => ({ command: null, entrypoint: null, ...more })
  const creation = (name: string, more: object, type = 'createContainer') => ({
    type,
    serviceName: name,
    service: service({ ...('network_mode' in more ? {} : { networks: { dual: {} } }), ...more }),
    resource: { kind: 'container', name: `shop-${name}-1` },
  })
  const port = { target: 80, published: '80' }
  const held = { 'x-tscompose': { egress: ['one.example:443'] } }
  const network = (more: object) => ({ name: 'n', ipam: {}, ...more })
  const networks = {
    dual: network({ enable_ipv6: true }),
    four: network({}),
    six: network({ enable_ipv4: false, enable_ipv6: true }),
    closed: network({ internal: true }),
    direct: network({ driver: 'macvlan' }),
    theirs: network({ external: true }),
  }
  const plan = {
    operations: [
      creation('web', { ports: [{ target: 80, published: '8080' }] }),
      creation('db', { ports: [{ target: 5432, published: '5432', host_ip: '127.0.0.1' }] }),
      creation('api', { ports: [{ target: 81, host_ip: '192.0.2.1' }], 'x-tscompose': { publish: 'proxy' } }),
      creation('own', { ports: [{ target: 82, published: '82' }], network_mode: 'host' }),
      creation('four', { ports: [port], networks: { four: {}, closed: {} } }),
      creation('six', { ports: [port], networks: { six: {} } }),
      creation('inner', { ports: [port], networks: { closed: {}, direct: {} } }),
      creation('theirs', { ports: [port], networks: { theirs: {} } }),
      creation('bridged', { ports: [port], network_mode: 'bridge' }),
      creation('held', held),
      creation('moved', {}, 'adaptContainer'),
      creation('moved', { ...held, ports: [{ ...port, host_ip: '127.0.0.1' }] }, 'adaptContainer'),
    ],
  } as unknown as Plan
  const rows = plannedExposure(plan, networks).map(
    ({ container, address, port, target, interface: link, reach, egress = [] }) => [
      ...[container, address, port, target],
      ...[link, reach, ...egress],
    ],
  )
  expect(rows).toEqual([
    ['shop-web-1', '0.0.0.0', '8080', '80/tcp', '*', 'all'],
    ['shop-web-1', '::', '8080', '80/tcp', '*', 'all'],
    ['shop-db-1', '127.0.0.1', '5432', '5432/tcp', 'lo', 'machine'],
    ['shop-api-1', '192.0.2.1', '', '81/tcp', '', 'input'],
    ['shop-own-1', '', '', '', '*', 'listening'],
    // Who comes by IPv6 is led to IPv4 by a listening socket.
    ['shop-four-1', '0.0.0.0', '80', '80/tcp', '*', 'all'],
    ['shop-four-1', '::', '80', '80/tcp', '*', 'input'],
    ['shop-six-1', '::', '80', '80/tcp', '*', 'all'],
    ['shop-theirs-1', '0.0.0.0', '80', '80/tcp', '*', 'all'],
    ['shop-theirs-1', '::', '80', '80/tcp', '*', 'all'],
    ['shop-bridged-1', '0.0.0.0', '80', '80/tcp', '*', 'all'],
    ['shop-bridged-1', '::', '80', '80/tcp', '*', 'input'],
    ['shop-held-1', '', '', '', '', 'none', 'one.example:443'],
    ['shop-moved-1', '127.0.0.1', '80', '80/tcp', 'lo', 'machine', 'one.example:443'],
  ])
})
