import { expect, test } from 'vitest'
import type { ContainerTable } from '../state/container-table.ts'
import { namedEndpoints } from './names-writer.ts'

/** A container on network `n` with this state. */
function container(name: string, state: { holdsAddresses: boolean; removing: boolean }): object {
  const endpoint = { networkId: 'n', networkName: 'front', aliases: [name], addresses: ['172.18.0.2/24'] }
  return { id: '0'.repeat(64), name, record: { config: {}, endpoints: [endpoint] }, ...state }
}

function listed(...containers: readonly object[]): { name: string; addresses: readonly string[] }[] {
  const table = { values: () => containers.values() } as unknown as ContainerTable
  return namedEndpoints(table, 'n').map(({ names, addresses }) => ({ name: names[0] ?? '', addresses }))
}

test('a container that runs is listed with its addresses', () => {
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
