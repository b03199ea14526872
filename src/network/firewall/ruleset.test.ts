import { describe, expect, test } from 'vitest'
import type { Native, TablePlace } from '../../native/index.ts'
import { parseMessages } from '../netlink/message.ts'
import type { PublishedTarget } from '../ports/published.ts'
import { Firewall } from './firewall.ts'
import type { FirewallNetwork, FirewallState } from './firewall-state.ts'
import { tableOf } from './ruleset.ts'
import { renderTable } from './table.ts'

const FRONT: FirewallNetwork = {
  id: '0123456789ab'.repeat(5),
  name: 'lamp_front',
  link: 'tsc-0123456789a',
  internal: false,
  subnets: ['172.18.0.0/24', 'fd00::/64'],
  masqueraded: ['172.18.0.0/24', 'fd00::/64'],
}
const BACK: FirewallNetwork = {
  id: 'ba9876543210'.repeat(5),
  name: 'lamp_back',
  link: 'tsc-ba987654321',
  internal: true,
  subnets: [],
  masqueraded: [],
}
const PORT: PublishedTarget = {
  protocol: 'tcp',
  hostIp: '0.0.0.0',
  hostPort: 8080,
  containerPort: 80,
  targetIp: '172.18.0.2',
  networkId: FRONT.id,
  count: 1,
}

const rendered = (state: FirewallState): string => renderTable(tableOf('', state))
/** The elements of the maps of ports that have some, as `MAP ELEMENTS`. */
const ports = (published: readonly PublishedTarget[]): string[] =>
  [
    ...rendered({ networks: [FRONT, BACK], published }).matchAll(
      /map (ports\S+) \{\n.*\n(?:elements = \{ (.*) \}\n)?/g,
    ),
  ].flatMap(([, map, elements]) => (elements === undefined ? [] : [`${map} ${elements}`]))

describe('tableOf', () => {
  test('has nothing without networks, and is named after its engine', () => {
    expect(tableOf('', { networks: [], published: [] })).toBeUndefined()
    expect(tableOf('abc123', { networks: [FRONT], published: [] }, '/srv/root')).toMatchObject({
      name: 'tscompose_abc123',
      comment: '/srv/root',
    })
  })

  test('masquerades what leaves of the subnets that are named for it', () => {
    const masquerades = (networks: readonly FirewallNetwork[]): string[] =>
      rendered({ networks, published: [] })
        .split('\n')
        .filter(line => line.endsWith(' masquerade'))
    expect(masquerades([FRONT, BACK])).toEqual([
      'ip saddr 172.18.0.0/24 oifname != "tsc-0123456789a" masquerade',
      'ip6 saddr fd00::/64 oifname != "tsc-0123456789a" masquerade',
    ])
    expect(masquerades([{ ...FRONT, masqueraded: [] }])).toEqual([])
  })

  test('translates published ports within a family', () => {
    expect(ports([PORT, { ...PORT, hostIp: '::' }, { ...PORT, hostIp: '::', targetIp: 'fd00::2' }])).toEqual([
      'ports4 tcp . 8080 : 172.18.0.2 . 80',
      'ports6 tcp . 8080 : fd00::2 . 80',
    ])
    expect(ports([{ ...PORT, hostIp: '192.0.2.1', protocol: 'udp' }])).toEqual([
      'ports4_at 192.0.2.1 . udp . 8080 : 172.18.0.2 . 80',
    ])
  })

  test('has one rule for ports that follow each other, and elements where their numbers change', () => {
    const range: PublishedTarget = { ...PORT, hostPort: 20000, containerPort: 20000, count: 10_000 }
    expect(rendered({ networks: [FRONT], published: [range] })).toContain(
      '\nmeta nfproto ipv4 fib daddr type local tcp dport 20000-29999 dnat ip to 172.18.0.2\n',
    )
    const six = { hostIp: '2001:db8::1', targetIp: 'fd00::2' }
    expect(rendered({ networks: [FRONT], published: [{ ...range, ...six }] })).toContain(
      '\nip6 daddr 2001:db8::1 tcp dport 20000-29999 dnat ip6 to [fd00::2]\n',
    )
    expect(ports([{ ...range, ...six, count: 2, containerPort: 30000 }])).toEqual([
      'ports6_at 2001:db8::1 . tcp . 20000 : fd00::2 . 30000, 2001:db8::1 . tcp . 20001 : fd00::2 . 30001',
    ])
  })

  test('leads nobody to ports that are published by listening sockets alone', () => {
    expect(ports([{ ...PORT, proxied: true }])).toEqual([])
  })

  test('leaves loopback publishes and internal networks to the relay', () => {
    expect(
      ports([
        { ...PORT, hostIp: '127.0.0.1' },
        { ...PORT, hostIp: '::1' },
      ]),
    ).toEqual([])
    expect(
      ports([
        { ...PORT, networkId: BACK.id },
        { ...PORT, networkId: 'gone' },
      ]),
    ).toEqual([])
  })

  test('keeps internal networks from the host but for those that may, and has no hook for it without such networks', () => {
    const text = rendered({ networks: [FRONT, BACK], published: [], hostAccess: ['172.19.0.5', 'fd00:1::5'] })
    expect(text).toContain('set internal {\ntype ifname\nelements = { "tsc-ba987654321" }')
    expect(text).toContain('set host_access4 {\ntype ipv4_addr\nelements = { 172.19.0.5 }')
    expect(text).toContain('set host_access6 {\ntype ipv6_addr\nelements = { fd00:1::5 }')
    expect(text).toContain('iifname @internal jump from_internal')
    expect(text).toMatch(
      /chain from_internal [^}]*reject with tcp reset\nreject with icmpx admin-prohibited\n}/,
    )
    expect(rendered({ networks: [FRONT], published: [] })).not.toContain('hook input')
  })

  test('lets nothing into the rules that is not a name or an address', () => {
    const codeOf = (state: FirewallState): unknown => {
      try {
        return rendered(state)
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    const evil = '"; flush ruleset; #'
    const networks = [
      { ...FRONT, link: evil },
      { ...FRONT, id: evil },
    ]
    networks.push({ ...FRONT, masqueraded: [`172.18.0.0/24 ${evil}`] })
    for (const network of networks)
      expect(codeOf({ networks: [network], published: [] })).toBe('FIREWALL_UNSAFE')
    expect(
      ports([
        { ...PORT, targetIp: evil },
        { ...PORT, hostIp: evil },
      ]),
    ).toEqual([])
  })
})

describe('Firewall', () => {
  /** A kernel that takes each transaction when `release` is called, and refuses those that have `refuse` in them. */
  const open = (refuse = 'nothing') => {
    const loads: Buffer[] = []
    const flows: string[][] = []
    const ended: string[] = []
    const waiting: (() => void)[] = []
    const state = {
      networks: [FRONT] as readonly FirewallNetwork[],
      published: [] as readonly PublishedTarget[],
    }
    const change = async (batch: Buffer): Promise<void> => {
      loads.push(batch)
      await new Promise<void>(resolve => {
        waiting.push(resolve)
      })
      if (batch.includes(refuse)) throw new Error('no')
    }
    let tell: (changed: readonly TablePlace[]) => void = () => undefined
    const openRules: Native['openRules'] = async onForeign => {
      tell = onForeign
      return {
        isOpen: true,
        change,
        list: async () => Buffer.alloc(0),
        watch: async () => undefined,
        endPeers: async addresses => {
          ended.push(...addresses.map(bytes => bytes.join('.')))
        },
        dropFlows: async matches => {
          flows.push(matches.map(({ when }) => when.join(' ')))
        },
        attach: async () => undefined,
        close: () => undefined,
      }
    }
    const firewall = new Firewall({ engineId: '', state: () => state, native: { openRules } })
    const release = (): void => waiting.shift()?.()
    return {
      loads,
      flows,
      ended,
      release,
      firewall,
      state,
      othersChange: (table: TablePlace) => tell([table]),
    }
  }
  const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
  const network = (id: string): FirewallNetwork => ({ ...FRONT, id: id.repeat(64), link: `tsc-${id}` })
  /** Whether a transaction removes the table first. */
  const isWhole = (batch: Buffer | undefined): boolean =>
    parseMessages(batch ?? Buffer.alloc(0)).some(({ type }) => type === DELTABLE)

  test('makes one transaction of all changes that come while another is made, of what is new alone', async () => {
    const { loads, release, firewall, state } = open()
    const first = firewall.apply()
    await turn()
    const later = ['a', 'b', 'c'].map(id => {
      state.networks = [...state.networks, network(id)]
      return firewall.apply()
    })
    release()
    await first
    await turn()
    release()
    await Promise.all(later)
    expect(loads.map(isWhole)).toEqual([true, false])
    expect(loads[1]?.includes(`to_${'c'.repeat(12)}`)).toBe(true)
    expect(loads[1]?.includes(FRONT.link)).toBe(false)
  })

  test('sends nothing when nothing has changed, unless somebody else has changed the table', async () => {
    const { loads, release, firewall, othersChange } = open()
    for (const before of [undefined, undefined, { family: 1, table: 'tscompose' }]) {
      if (before !== undefined) othersChange(before)
      const done = firewall.apply()
      await turn()
      release()
      await done
    }
    expect(loads.map(isWhole)).toEqual([true, true])
  })

  test('looks for flows of before once it knows its networks, whatever goes meanwhile', async () => {
    const { flows, ended, release, firewall } = open()
    await firewall.endFlowsOf(['172.18.0.5'], 'now')
    expect(flows).toEqual([])
    const done = firewall.apply()
    await turn()
    release()
    await done
    await firewall.endFlowsOf(['172.18.0.6'], 'now')
    expect(flows).toEqual([
      ['translated', 'translated'],
      ['fromTarget', 'fromTarget'],
    ])
    await firewall.endFlowsOf(['172.18.0.7'], 'now')
    expect(flows.slice(2)).toEqual([['fromTarget']])
    expect(ended).toEqual(['172.18.0.5', '172.18.0.6', '172.18.0.7'])
    firewall.close()
  })

  test('reports a failure to those who waited for it, and goes on', async () => {
    const { loads, release, firewall, state } = open('to_aaaaaaaaaaaa')
    const first = firewall.apply()
    await turn()
    release()
    await first
    state.networks = [FRONT, network('a')]
    const refused = firewall.apply()
    for (let half = 0; half < 2; half++) {
      await turn()
      release()
    }
    await expect(refused).rejects.toMatchObject({ code: 'FIREWALL_FAILED' })
    // The change alone, then the whole table.
    expect(loads.map(isWhole)).toEqual([true, false, true])
    state.networks = [FRONT]
    const good = firewall.apply()
    await turn()
    release()
    await expect(good).resolves.toBeUndefined()
    expect(isWhole(loads.at(-1))).toBe(true)
  })
})

const DELTABLE = 0xa02
