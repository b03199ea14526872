import { expect, test } from 'vitest'
import type { ContainerTable } from '../state/container-table.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { containersOf, namedEndpoints, namesOfHost, namesOfProject } from './listed.ts'

/** A container on network `n` with this state. */
function container(name: string, state: { holdsAddresses: boolean; removing: boolean }): object {
  const endpoint = {
    networkId: 'n',
    networkName: 'front',
    aliases: [name],
    addresses: ['172.18.0.2/24', '169.254.8.8/16'],
  }
  const wanted = { linkLocal: ['169.254.8.8'] }
  return { id: '0'.repeat(64), name, record: { config: {}, endpoints: [{ ...endpoint, wanted }] }, ...state }
}

function listed(...containers: readonly object[]): { name: string; addresses: readonly string[] }[] {
  const table = { values: () => containers.values() } as unknown as ContainerTable
  return namedEndpoints(table, 'n').map(({ names, addresses }) => ({ name: names[0] ?? '', addresses }))
}

test('a container that runs is listed with its addresses, but those of its link', () => {
  expect(listed(container('web', { holdsAddresses: true, removing: false }))).toEqual([
    { name: 'web.front', addresses: ['172.18.0.2'] },
  ])
})

test('one that does not run is listed by name alone: its name is never asked outside', () => {
  expect(listed(container('web', { holdsAddresses: false, removing: false }))).toEqual([
    { name: 'web.front', addresses: [] },
  ])
})

test('one that is removed is listed no more', () => {
  expect(listed(container('web', { holdsAddresses: false, removing: true }))).toEqual([])
})

function ofProject(project: string, name: string, labels: Record<string, string> = {}): object {
  const made = container(name, { holdsAddresses: true, removing: false })
  const config = { Labels: { 'com.docker.compose.project': project, ...labels } }
  return { ...made, record: { ...(made as { record: object }).record, config } }
}

const tableOf = (...containers: readonly object[]): ContainerTable =>
  ({ values: () => containers.values() }) as unknown as ContainerTable

test('an alias of a project’s container is also known with the project behind it', () => {
  const [web] = namedEndpoints(tableOf(ofProject('lamp', 'web')), 'n')
  expect(web).toMatchObject({ project: 'lamp', names: expect.arrayContaining(['web', 'web.lamp']) })
})

test('a project’s own names are those of its services and containers, as far as a resolver could ask for them', () => {
  const service = (name: string) => ({ 'com.docker.compose.service': name })
  const table = tableOf(
    ofProject('lamp', 'lamp-db-1', service('db')),
    ofProject('lamp', 'lamp-Web-1', service('Web')),
    ofProject('lamp', 'odd', service('a b\nk all')),
    ofProject('other', 'other-db-1', service('cache')),
    container('plain', { holdsAddresses: true, removing: false }),
  )
  expect(namesOfProject(containersOf(table, 'lamp'), 'lamp')).toEqual([
    'db',
    'db.lamp',
    'lamp-db-1',
    'lamp-web-1',
    'odd',
    'web',
    'web.lamp',
  ])
})

test('the host is a network’s gateways, and of an internal network a name without address', () => {
  const subnets = [{ subnet: '172.18.0.0/16', gateway: '172.18.0.1' }]
  const network = { driver: 'bridge', internal: false, subnets } as unknown as NetworkRecord
  const addresses = (of: NetworkRecord | undefined) => namesOfHost(of).map(each => each.addresses)
  expect(addresses(network)).toEqual([['172.18.0.1']])
  expect(addresses({ ...network, internal: true })).toEqual([[]])
  expect(addresses(undefined)).toEqual([])
})
