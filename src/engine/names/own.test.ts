import { expect, test } from 'vitest'
import type { Container } from '../state/container.ts'
import { hasOwnNames, linkedEndpoints, namesFilesOf } from './own.ts'

interface Sketch {
  readonly aliases?: readonly string[]
  readonly links?: readonly string[]
  readonly holdsAddresses?: boolean
  readonly network?: string
}

let count = 0
function container(name: string, sketch: Sketch = {}): Container {
  const { aliases = [], links, holdsAddresses = true, network = 'n' } = sketch
  const address = `172.18.0.${++count}/24`
  const endpoint = {
    networkId: network,
    aliases,
    addresses: [address],
    wanted: {},
    ...(links ? { links } : {}),
  }
  return {
    id: `${count}`.repeat(64),
    name,
    record: { config: {}, endpoints: [endpoint] },
    terms: { security: {}, network: {} },
    holdsAddresses,
  } as never
}

const linked = (others: readonly Container[], ...links: string[]): object[] =>
  linkedEndpoints(others, container('app', { links })).map(({ names, addresses }) => ({ names, addresses }))

test('a link leads to whoever has the name on the network, by its container name, alias or id', () => {
  const db = container('shop-db-1', { aliases: ['db'] })
  const found = { addresses: [db.record.endpoints[0]?.addresses[0]?.replace('/24', '')], names: ['store'] }
  for (const name of ['shop-db-1', '/shop-db-1', 'db', db.id, db.id.slice(0, 12)])
    expect(linked([db], `${name}:Store`)).toEqual([found])
})

test('it follows all that have the name, and those that do not run have no address', () => {
  const replicas = [
    container('a', { aliases: ['db'] }),
    container('b', { aliases: ['db'], holdsAddresses: false }),
    container('c', { aliases: ['db'] }),
  ]
  const running = replicas.flatMap((each, index) => (index === 1 ? [] : each.record.endpoints))
  expect(linked(replicas, 'db:store')).toEqual([
    { names: ['store'], addresses: running.map(({ addresses: [first] }) => first?.replace('/24', '')) },
  ])
})

test('it does not leave the network, and is there without an address while nobody has the name', () => {
  expect(linked([container('db', { network: 'other' })], 'db:store', 'nobody:x')).toEqual([
    { names: ['store'], addresses: [] },
    { names: ['x'], addresses: [] },
  ])
})

test('an alias that no resolver could ask for breaks no line of the file', () => {
  expect(linked([], 'db:a b\nk all')).toEqual([{ names: [], addresses: [] }])
})

test('its names file is asked before those of the networks', () => {
  const app = container('app', { links: ['db:store'] })
  expect([hasOwnNames(app), namesFilesOf(app)]).toEqual([true, [app.id, 'n']])
  const plain = container('plain')
  expect([hasOwnNames(plain), namesFilesOf(plain)]).toEqual([false, ['n']])
})
