import { expect, test } from 'vitest'
import { endpoint, network } from '../drivers/networks.test-support.ts'
import { parsePrefix } from '../ip/prefix.ts'
import type { SetRoute } from '../netlink/index.ts'
import { foreignWays } from './foreign-routes.ts'

const own = endpoint(network('a'))
const right = route('0.0.0.0/0', '172.18.10.1')

function route(to: string, gateway?: string, kind: SetRoute['kind'] = 'unicast'): SetRoute {
  const prefix = parsePrefix(to)
  if (prefix === undefined) throw new Error(to)
  return {
    family: prefix.family,
    kind,
    to: prefix,
    ...(gateway === undefined ? {} : { gateway }),
    removal: Buffer.alloc(0),
  }
}

test.each([
  ['what leads somewhere else', route('192.0.2.0/24', '172.18.10.9'), []],
  ['what goes nowhere', route('192.0.2.0/24', undefined, 'blackhole'), ['blackhole 192.0.2.0/24']],
  ['an address of the network', route('172.18.10.7/32', '172.18.10.9'), ['172.18.10.7/32 via 172.18.10.9']],
  ['another default route', route('0.0.0.0/0', '172.18.10.9'), ['default via 172.18.10.9']],
  ['a half of everything', route('128.0.0.0/1', '172.18.10.9'), ['128.0.0.0/1 via 172.18.10.9']],
])('%s', (_, foreign, told) => {
  expect(foreignWays([right, foreign], [], [own]).map(({ got }) => got)).toEqual(told)
})

test('a default route that is lost is told as such alone, and every rule is in the way', () => {
  expect(foreignWays([route('0.0.0.0/0', '172.18.10.9')], [], [own])).toEqual([])
  const rule = { family: 6, priority: 100, removal: Buffer.alloc(0) } as const
  expect(foreignWays([right], [rule], [own])).toMatchObject([
    { path: 'rule', got: 'a rule of priority 100 for IPv6' },
  ])
})
