import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { overlaps, type Prefix, parsePrefix } from '../ip/prefix.ts'
import { allocateAddress } from './allocate.ts'
import {
  planSubnets,
  type Subnet,
  type SubnetConfig,
  type SubnetRequest,
  type TakenSubnet,
} from './subnets.ts'

const AUTOMATIC: SubnetRequest = { config: [], enableIPv4: true, enableIPv6: false }

const plan = (
  request: Partial<SubnetRequest>,
  host: readonly string[] = [],
  others: readonly (Subnet & Partial<TakenSubnet>)[] = [],
): Subnet[] =>
  planSubnets(
    { ...AUTOMATIC, ...request },
    {
      host: { prefixes: host },
      others: others.map(each => ({ network: 'other', ...each })),
      seed: 'a root',
    },
  )

const codeOf = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (error) {
    return (error as { code: string }).code
  }
}

const prefix = (text: string): Prefix => {
  const parsed = parsePrefix(text)
  if (!parsed) throw new TypeError(text)
  return parsed
}

describe('planSubnets', () => {
  test('takes subnets for a few thousand containers of Docker’s pools, 172.17 for the predefined network', () => {
    expect(plan({})).toEqual([{ subnet: '172.18.0.0/20', gateway: '172.18.0.1' }])
    expect(plan({ predefined: true })).toEqual([{ subnet: '172.17.0.0/20', gateway: '172.17.0.1' }])
  })

  test('goes round routes of the host and subnets of other networks', () => {
    const others = [{ subnet: '172.19.0.0/24', gateway: '172.19.0.1' }]
    expect(plan({}, ['172.18.0.0/16', '172.20.0.7/32'], others)[0]?.subnet).toBe('172.21.0.0/20')
  })

  test('finds a place on a host whose routes take all private addresses', () => {
    const [subnet] = plan({}, ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'])
    expect(subnet?.subnet).toBe('198.18.0.0/20')
  })

  test('adds a ULA subnet with IPv6, the same pool for the same engine', () => {
    const [, first] = plan({ enableIPv6: true })
    const [, second] = plan({ enableIPv6: true }, [], first ? [first] : [])
    expect(first?.subnet).toMatch(/^fd[0-9a-f]{2}:[0-9a-f:]+::\/64$/)
    expect(first?.gateway).toBe(first?.subnet.replace('/64', '1'))
    expect(second?.subnet).not.toBe(first?.subnet)
  })

  test('never overlaps anything that is taken', () => {
    const octet = fc.integer({ min: 0, max: 255 })
    const route = fc
      .tuple(fc.constantFrom('172', '192', '10'), octet, octet, fc.integer({ min: 9, max: 32 }))
      .map(([first, second, third, length]) => `${first}.${second}.${third}.0/${length}`)
    fc.assert(
      fc.property(fc.array(route, { maxLength: 40 }), fc.integer({ min: 1, max: 20 }), (routes, count) => {
        const networks: Subnet[] = []
        for (let index = 0; index < count; index++) networks.push(...plan({}, routes, networks))
        const all = networks.map(({ subnet }) => prefix(subnet))
        const pairs = all.flatMap((a, index) => all.slice(index + 1).map(b => overlaps(a, b)))
        const withHost = all.flatMap(a => routes.map(text => overlaps(a, prefix(text))))
        return ![...pairs, ...withHost].includes(true)
      }),
      { numRuns: 50 },
    )
  })

  test('completes what the user gave', () => {
    const config = [
      { subnet: '10.5.0.0/16', ipRange: '10.5.4.0/24', auxAddresses: { router: '10.5.0.1' } },
      { subnet: 'fd99::/64', gateway: 'fd99::ff' },
    ]
    expect(plan({ config, enableIPv6: true })).toEqual([
      {
        subnet: '10.5.0.0/16',
        gateway: '10.5.0.2',
        ipRange: '10.5.4.0/24',
        auxAddresses: { router: '10.5.0.1' },
      },
      { subnet: 'fd99::/64', gateway: 'fd99::ff' },
    ])
    expect(plan({ config: [{ subnet: 'fd99::/64' }] }).map(({ subnet }) => subnet)).toEqual(['172.18.0.0/20'])
  })

  test.each<[string, SubnetConfig]>([
    ['no subnet', { subnet: 'ten' }],
    ['a gateway outside', { subnet: '10.5.0.0/24', gateway: '10.6.0.1' }],
    ['the broadcast address as gateway', { subnet: '10.5.0.0/24', gateway: '10.5.0.255' }],
    ['a range outside', { subnet: '10.5.0.0/24', ipRange: '10.5.0.0/16' }],
    ['an auxiliary address outside', { subnet: '10.5.0.0/24', auxAddresses: { a: '1.1.1.1' } }],
    ['an address in the place of a subnet', { subnet: '10.5.0.9/16' }],
    ['an address in the place of a range', { subnet: '10.5.0.0/16', ipRange: '10.5.4.1/24' }],
    ['a subnet for nobody', { subnet: '10.5.0.0/31' }],
    ['loopback addresses', { subnet: '127.9.0.0/16' }],
    ['groups', { subnet: '224.0.0.0/24' }],
    ['more than private networks have', { subnet: '0.0.0.0/0' }],
    ['a gateway without subnet', { gateway: '10.5.0.1' }],
  ])('refuses %s', (_, config) => {
    expect(codeOf(() => plan({ config: [config] }))).toBe('IPAM_INVALID')
  })

  test('refuses overlaps with other networks and within the request', () => {
    const others = [{ subnet: '10.5.0.0/24', gateway: '10.5.0.1', network: 'shop_back' }]
    expect(codeOf(() => plan({ config: [{ subnet: '10.5.0.0/16' }] }, [], others))).toBe('IPAM_OVERLAP')
    expect(() => plan({ config: [{ subnet: '10.5.0.0/16' }] }, [], others)).toThrow(/"shop_back"/)
    const twice = [{ subnet: '10.6.0.0/16' }, { subnet: '10.6.1.0/24' }]
    expect(codeOf(() => plan({ config: twice }))).toBe('IPAM_OVERLAP')
  })

  test('says when nothing is left', () => {
    expect(codeOf(() => plan({}, ['0.0.0.0/2', '128.0.0.0/2', '192.0.0.0/2']))).toBe('IPAM_POOLS_EXHAUSTED')
  })
})

describe('allocateAddress', () => {
  const subnets = [{ subnet: '10.5.0.0/29', gateway: '10.5.0.1', auxAddresses: { router: '10.5.0.3' } }]
  const allocate = (request: object): unknown =>
    codeOf(() => allocateAddress(subnets, { family: 4, used: [], ...request }))

  test('gives the lowest free address with the subnet’s prefix length', () => {
    expect(allocate({})).toBe('10.5.0.2/29')
    expect(allocate({ used: ['10.5.0.2/29'] })).toBe('10.5.0.4/29')
  })

  test('keeps a name’s address, and gives those of other names away last', () => {
    expect(allocate({ sticky: '10.5.0.5/29' })).toBe('10.5.0.5/29')
    expect(allocate({ sticky: '10.5.0.5', used: ['10.5.0.5'] })).toBe('10.5.0.2/29')
    expect(allocate({ sticky: '10.5.0.1' })).toBe('10.5.0.2/29')
    expect(allocate({ avoid: ['10.5.0.2', '10.5.0.4'] })).toBe('10.5.0.5/29')
    expect(allocate({ avoid: ['10.5.0.2', '10.5.0.4', '10.5.0.5', '10.5.0.6'] })).toBe('10.5.0.2/29')
  })

  test('gives what the user wants, or says why not', () => {
    expect(allocate({ wanted: '10.5.0.6' })).toBe('10.5.0.6/29')
    expect(allocate({ wanted: '10.5.0.6', used: ['10.5.0.6'] })).toBe('ADDRESS_IN_USE')
    expect(allocate({ wanted: '10.5.0.1' })).toBe('ADDRESS_IN_USE')
    expect(allocate({ wanted: '10.5.0.7' })).toBe('ADDRESS_IN_USE')
    expect(allocate({ wanted: '10.6.0.2' })).toBe('ADDRESS_OUTSIDE_SUBNET')
    expect(allocate({ wanted: 'db' })).toBe('ADDRESS_INVALID')
    expect(allocate({ wanted: 'fd00::1' })).toBe('ADDRESS_INVALID')
  })

  test('says when nothing is left, and has nothing for a family without subnet', () => {
    expect(allocate({ used: ['10.5.0.2', '10.5.0.4', '10.5.0.5', '10.5.0.6'] })).toBe('ADDRESSES_EXHAUSTED')
    expect(allocate({ family: 6 })).toBeUndefined()
  })

  test('says that it is the range that is full, where a network has one', () => {
    const [subnet] = subnets
    const ranged = [{ ...subnet, subnet: '10.5.0.0/29', gateway: '10.5.0.1', ipRange: '10.5.0.4/31' }]
    const used = ['10.5.0.4', '10.5.0.5']
    expect(() => allocateAddress(ranged, { family: 4, used })).toThrow(/10\.5\.0\.4\/31/)
  })

  test('stays in the range, and copes with the size of IPv6', () => {
    const v6 = [{ subnet: 'fd00::/64', gateway: 'fd00::1', ipRange: 'fd00::100/120' }]
    expect(allocateAddress(v6, { family: 6, used: ['fd00::100'] })).toBe('fd00::101/64')
  })

  test('never gives an address twice', () => {
    const large = [{ subnet: '10.5.0.0/24', gateway: '10.5.0.1' }]
    const used: string[] = []
    for (let index = 0; index < 253; index++) {
      const address = allocateAddress(large, { family: 4, used }) ?? ''
      expect(used).not.toContain(address)
      used.push(address)
    }
    expect(codeOf(() => allocateAddress(large, { family: 4, used }))).toBe('ADDRESSES_EXHAUSTED')
  })
})
