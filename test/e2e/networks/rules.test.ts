// The firewall's table in the kernel: whatever changed in steps is what nft makes of the whole.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FirewallNetwork, FirewallState } from '../../../src/network/firewall/firewall-state.ts'
import { tableOf } from '../../../src/network/firewall/ruleset.ts'
import { renderTable } from '../../../src/network/firewall/table.ts'
import { Firewall } from '../../../src/network/index.ts'
import type { PublishedTarget } from '../../../src/network/ports/published.ts'
import { Lab, type Place } from '../harness/network-lab.ts'

const ENGINE = 'abcdef'
const TABLE = `inet tscompose_${ENGINE}`

const network = (number: number, more: Partial<FirewallNetwork> = {}): FirewallNetwork => ({
  name: `lamp_${number}`,
  id: number.toString(16).padStart(12, '0').padEnd(64, '0'),
  link: `tsc-${number}`,
  internal: false,
  subnets: [],
  masqueraded: [`10.${number}.0.0/24`, `172.16.${number * 4}.0/22`, `fd00:${number}::/64`],
  ...more,
})
const port = (number: number, more: Partial<PublishedTarget> = {}): PublishedTarget => ({
  protocol: 'tcp',
  hostIp: '0.0.0.0',
  hostPort: 8000 + number,
  containerPort: 80,
  targetIp: `10.1.0.${number}`,
  networkId: network(1).id,
  count: 1,
  ...more,
})
const SIX = { hostIp: '::', targetIp: 'fd00:1::2' }

/** One after the other: networks and ports come, change and go. */
const STATES: readonly FirewallState[] = [
  { networks: [network(1)], published: [] },
  {
    networks: [network(1), network(2, { internal: true, masqueraded: [] })],
    published: [port(2)],
    nameOf: () => 'lamp-web-1',
  },
  {
    networks: [network(1), network(2), network(3, { link: 'br-mine' })],
    published: [
      port(2),
      port(3, { protocol: 'udp' }),
      port(4, SIX),
      port(5, { hostIp: '192.0.2.1', protocol: 'sctp' }),
      port(6, { ...SIX, hostIp: '2001:db8::1' }),
      port(20, { containerPort: 8020, count: 100 }),
      port(20, { ...SIX, hostIp: '2001:db8::1', protocol: 'udp', containerPort: 8020, count: 3 }),
      port(200, { count: 3 }),
    ],
  },
  // The same ports lead elsewhere, the same network is internal again.
  {
    networks: [network(1), network(2, { internal: true, masqueraded: [] }), network(4)],
    published: [port(2, { targetIp: '10.1.0.99' }), port(3, { protocol: 'udp', containerPort: 81 })],
    hostAccess: ['10.2.0.5', 'fd00:2::5'],
  },
  { networks: [network(4)], published: [port(2)] },
  { networks: [], published: [] },
  { networks: [network(7)], published: [] },
]

describe('the table of nf_tables', () => {
  const lab = new Lab()
  let state: FirewallState = { networks: [], published: [] }
  let host: Place, other: Place
  let firewall: Firewall
  /** As nft lists it, without handles, in an order of its own. */
  const listed = async (place: Place): Promise<string[]> => {
    const text = await lab.run(place, `nft -j list table ${TABLE} || echo '{"nftables":[]}'`)
    const { nftables } = JSON.parse(text) as { nftables: object[] }
    return nftables
      .filter(each => !('metainfo' in each))
      .map(each =>
        JSON.stringify(each, (key, value) =>
          key === 'handle' ? undefined : key === 'elem' && Array.isArray(value) ? sorted(value) : value,
        ),
      )
      .sort()
  }
  const sorted = (list: readonly unknown[]): unknown[] =>
    list.toSorted((one, two) => (JSON.stringify(one) < JSON.stringify(two) ? -1 : 1))
  const open = (place: Place): Firewall =>
    new Firewall({ engineId: ENGINE, owner: '/srv/root', state: () => state, native: lab.native(place) })

  beforeAll(async () => {
    ;[host, other] = await Promise.all([lab.place(), lab.place()])
    firewall = open(host)
  })
  afterAll(async () => {
    firewall.close()
    await lab.close()
  })

  test.each(
    STATES.map((each, index) => [index, each] as const),
  )('is after change %i what nft makes of its words', async (_, each) => {
    state = each
    await firewall.apply()
    const words = renderTable(tableOf(ENGINE, state, '/srv/root'))
    await lab.run(other, `nft -f - <<'END'\nadd table ${TABLE}\ndelete table ${TABLE}\n${words}\nEND`)
    expect(await listed(host)).toEqual(await listed(other))
    if (state.networks.length > 0) expect((await listed(host)).length).toBeGreaterThan(10)
  })

  test('is made whole when somebody has flushed it, by whoever changes it next', async () => {
    state = STATES[2] ?? state
    await firewall.apply()
    const before = await listed(host)
    await lab.run(host, 'nft flush ruleset')
    state = STATES[3] ?? state
    await firewall.apply()
    state = STATES[2] ?? state
    await firewall.apply()
    expect(await listed(host)).toEqual(before)
  })

  test('takes ten thousand ports at once', async () => {
    const ports = Array.from({ length: 10_000 }, (_, index) =>
      port(index % 250, { hostPort: 10_000 + index }),
    )
    state = { networks: [network(1)], published: ports }
    await firewall.apply()
    const elements = await lab.run(host, `nft list map ${TABLE} ports4 | grep -o 'tcp \\. [0-9]* :' | wc -l`)
    expect(Number(elements)).toBe(10_000)
    state = { networks: [network(1)], published: [] }
    await firewall.apply()
    expect(await lab.run(host, `nft list map ${TABLE} ports4`)).not.toContain('tcp')
  })
})
