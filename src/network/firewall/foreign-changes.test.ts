import { describe, expect, test } from 'vitest'
import { newBaseChain, newChain, newRule, type TableFamily } from '../netlink/index.ts'
import { parseMessages } from '../netlink/message.ts'
import { parseRules } from '../netlink/nft-rules.ts'
import type { PublishedTarget } from '../ports/published.ts'
import { foreignNeeds } from './foreign-changes.ts'
import { type ForeignAccess, foreignAccess, foreignRules } from './foreign-rules.ts'
import { ACCEPT, DROP, ESTABLISHED, jump, link } from './rule-words.ts'
import { type Rule, rule } from './table.ts'

const NEWRULE = 0xa06
const DELRULE = 0xa08

/** A table of a kernel that lists it as messages that would make it. */
const kernel = (
  policy: 'accept' | 'drop',
  chains: Readonly<Record<string, readonly Rule[]>>,
  family: TableFamily = 'ip',
) => {
  const table = 'filter'
  const comments = new Map<Rule, string>()
  const lists = [
    Buffer.concat(
      Object.keys(chains).map(name =>
        name === 'FORWARD' || name === 'INPUT'
          ? newBaseChain({
              family,
              table,
              name,
              hook: name === 'INPUT' ? 'input' : 'forward',
              priority: 0,
              policy,
            })
          : newChain({ family, table, name }),
      ),
    ),
    (): Buffer =>
      Buffer.concat(
        Object.entries(chains).flatMap(([name, rules]) =>
          rules.map(each => newRule({ family, table, name }, each.encode(), comments.get(each))),
        ),
      ),
  ] as const
  return {
    ours: (rules: readonly Rule[], comment = 'tscompose'): readonly Rule[] => {
      for (const each of rules) comments.set(each, comment)
      return rules
    },
    /** What is inserted, in the order in which it is met, as `CHAIN WORDS`, and how many rules are removed. */
    changes: async (
      wanted: ForeignAccess,
      engineId = '',
    ): Promise<{ inserted: string[]; removed: number }> => {
      let asked = 0
      const list = async (): Promise<Buffer> => (asked++ === 0 ? lists[0] : lists[1]())
      const bytes = Buffer.concat(
        (await foreignNeeds({ list }, engineId, wanted)).changes.flatMap(({ messages }) => messages),
      )
      return {
        inserted: parseRules(bytes)
          .map(({ chain, words }) => `${chain} ${words}`)
          .reverse(),
        removed: parseMessages(bytes).filter(({ type }) => type === DELRULE).length,
      }
    },
  }
}
const LINKS = { named: [], ports: [], ownPorts: [], isServing: false }
const MINE = { ...LINKS, named: ['br-mine'] }
const FORWARD = { family: 'ip', table: 'filter', name: 'FORWARD' } as const
const OPENED = [
  'iifname "tsc-*" oifname "docker0" counter return',
  'iifname "tsc-*" oifname "br-*" counter return',
  'iifname "tsc-*" counter accept',
  'oifname "tsc-*" counter accept',
]
const NOTHING = { inserted: [], removed: 0 }

describe('foreign chains that forward', () => {
  test('and drop by their policy let our bridges through, at the place made for it', async () => {
    const docker = kernel('drop', { 'DOCKER-USER': [], FORWARD: [jump('DOCKER-USER')] })
    expect((await docker.changes(LINKS)).inserted).toEqual(OPENED.map(words => `DOCKER-USER ${words}`))
    const ufw = kernel('drop', { FORWARD: [jump('ufw')], ufw: [rule(ESTABLISHED, ACCEPT)] }, 'ip6')
    expect((await ufw.changes(LINKS)).inserted).toEqual(OPENED.map(words => `FORWARD ${words}`))
  })

  test('and drop by a last rule, there or in a chain that all comes to, let them through as well', async () => {
    const last = kernel('accept', { FORWARD: [rule(ESTABLISHED, ACCEPT), DROP] }, 'inet')
    expect((await last.changes(LINKS)).inserted).toHaveLength(OPENED.length)
    const zones = kernel('accept', { FORWARD: [jump('zones')], zones: [jump('public')], public: [DROP] })
    expect((await zones.changes(LINKS)).inserted).toHaveLength(OPENED.length)
  })

  test('and accept, drop some alone, or lead in a circle, are left alone', async () => {
    expect(await kernel('accept', { FORWARD: [rule(link('iifname', 'eth0'), DROP)] }).changes(LINKS)).toEqual(
      NOTHING,
    )
    expect(await kernel('accept', { FORWARD: [ACCEPT, DROP] }).changes(LINKS)).toEqual(NOTHING)
    expect(await kernel('accept', { FORWARD: [jump('a')], a: [jump('a')] }).changes(LINKS)).toEqual(NOTHING)
  })

  test('have our rules once, and others when bridges of the user’s names come and go', async () => {
    const rules = foreignRules('forward', FORWARD, MINE)
    const there = kernel('drop', { FORWARD: rules })
    there.ours(rules)
    expect(await there.changes(MINE)).toEqual(NOTHING)
    expect(await there.changes(LINKS)).toEqual({
      inserted: OPENED.map(words => `FORWARD ${words}`),
      removed: rules.length,
    })
    // Within itself a link passes first.
    expect(rules[0]?.text).toBe('iifname "br-mine" oifname "br-mine" counter accept')
  })

  test('lose our rules, and no other engine’s, with the last network, and when they drop no more', async () => {
    const [ours, others] = [foreignRules('forward', FORWARD, LINKS), foreignRules('forward', FORWARD, LINKS)]
    const there = kernel('drop', { FORWARD: [...ours, ...others] })
    there.ours(ours)
    there.ours(others, 'tscompose_abcdef')
    expect(await there.changes('none')).toEqual({ inserted: [], removed: ours.length })
    const open = kernel('accept', { FORWARD: ours })
    open.ours(ours)
    expect(await open.changes(LINKS)).toEqual({ inserted: [], removed: ours.length })
  })
})

describe('foreign chains of what comes in to the host', () => {
  const port = (hostPort: number, more: Partial<PublishedTarget> = {}): PublishedTarget => ({
    protocol: 'tcp',
    hostIp: '0.0.0.0',
    hostPort,
    containerPort: 80,
    targetIp: '10.1.0.2',
    networkId: 'a',
    count: 1,
    ...more,
  })
  const network = { id: 'a', name: 'front', link: 'br-mine', internal: false, subnets: [], masqueraded: [] }
  const accessOf = (...published: readonly PublishedTarget[]): ForeignAccess =>
    foreignAccess({ networks: [{ ...network, link: 'tsc-a' }], published })
  const DPORT = '@2,2,2'
  const TCP = 'iifname "tsc-*" l4proto 0x06'
  const TO_LO = 'iifname "lo" l4proto 0x06'
  /** What containers answer, and over `lo`. */
  const ANSWERS = ['iifname "tsc-*" ? counter accept', 'iifname "lo" ? counter accept']
  const NEIGHBOURS = 'iifname "tsc-*" l4proto 0x3a @2,0,1 cmp5 0x87 @2,0,1 cmp3 0x88 counter accept'
  const inInput = (rules: readonly string[]): string[] => rules.map(each => `INPUT ${each}`)

  test('and drop let containers come to published ports, and nowhere else', async () => {
    const ufw = kernel('drop', { INPUT: [jump('ufw')], ufw: [rule(ESTABLISHED, ACCEPT)] })
    expect((await ufw.changes(accessOf(port(8080)))).inserted).toEqual(
      inInput([
        ...ANSWERS,
        `${TCP} ${DPORT} 0x1f90 counter accept`,
        `${TO_LO} ${DPORT} 0x1f90 counter accept`,
      ]),
    )
    expect(await ufw.changes(accessOf())).toEqual(NOTHING)
    const open = kernel('accept', { INPUT: [ACCEPT] })
    expect(await open.changes(accessOf(port(8080)))).toEqual(NOTHING)
  })

  test('have a rule for those that follow each other, of the family of their table', async () => {
    const ports = accessOf(
      port(8081, { count: 9 }),
      port(8080),
      port(80, { hostIp: '192.0.2.1' }),
      port(8080, { hostIp: '::' }),
    )
    const fromLinks = async (family: 'ip' | 'ip6'): Promise<string[]> =>
      (await kernel('drop', { INPUT: [] }, family).changes(ports)).inserted.filter(
        each => each.includes('"tsc-*"') && !each.includes(' ? '),
      )
    expect(await fromLinks('ip')).toEqual(
      inInput([
        `${TCP} ${DPORT} cmp5 0x1f90 ${DPORT} cmp3 0x1f99 counter accept`,
        `iifname "tsc-*" @1,16,4 0xc0000201 l4proto 0x06 ${DPORT} 0x0050 counter accept`,
      ]),
    )
    expect(await fromLinks('ip6')).toEqual(inInput([NEIGHBOURS, `${TCP} ${DPORT} 0x1f90 counter accept`]))
    expect((await kernel('drop', { INPUT: [] }, 'inet').changes(ports)).inserted).toContain(
      `INPUT iifname "tsc-*" nfproto 0x0a l4proto 0x06 ${DPORT} 0x1f90 counter accept`,
    )
  })

  test('have answers in the words of whose table it is: iptables refuses to list others, and nft’s list would lose those', () => {
    const wanted = accessOf(port(8080))
    if (wanted === 'none') throw new Error('there is a network')
    const [iptables, nft] = ['filter', 'mine'].map(
      table => foreignRules('input', { family: 'ip', table, name: 'INPUT' }, wanted)[0]?.text,
    )
    expect([iptables, nft]).toEqual([
      'iifname "tsc-*" xt match conntrack established,related counter accept',
      'iifname "tsc-*" ct state established,related counter accept',
    ])
  })

  test('stay closed to ports that are published past no rule of the host, or at loopback alone', async () => {
    const closed = [
      port(1, { proxied: true }),
      port(2, { hostIp: '127.0.0.1' }),
      port(3, { hostIp: '::1' }),
      port(4, { protocol: 'sctp' }),
    ]
    const { inserted } = await kernel('drop', { INPUT: [] }, 'inet').changes(accessOf(...closed))
    const toPorts = inserted.filter(each => each.includes(DPORT))
    // Of the two loopback addresses the host's own clients come to their ports.
    expect(
      toPorts.map(each => [each.includes('"lo"'), each.includes('0x0002'), each.includes('0x0003')]),
    ).toEqual([
      [true, true, false],
      [true, false, true],
    ])
  })

  test('have other rules when ports change, and none that are there twice', async () => {
    const wanted = foreignAccess({ networks: [network], published: [port(8080), port(81)] })
    if (wanted === 'none') throw new Error('there is a network')
    const rules = foreignRules('input', { ...FORWARD, name: 'INPUT' }, wanted)
    expect(rules).toHaveLength(9)
    const there = kernel('drop', { INPUT: rules })
    there.ours(rules)
    expect(await there.changes(wanted)).toEqual(NOTHING)
    expect(await there.changes(foreignAccess({ networks: [network], published: [port(82)] }))).toMatchObject({
      inserted: expect.arrayContaining([
        expect.stringContaining('0x0052'),
        expect.stringContaining('br-mine'),
      ]),
      removed: rules.length,
    })
    expect(await there.changes('none')).toEqual({ inserted: [], removed: rules.length })
  })
})

test('a rule that is listed is told by its words', () => {
  const bytes = newRule(
    { family: 'ip', table: 'filter', name: 'FORWARD' },
    rule(link('iifname', 'eth0'), ESTABLISHED, jump('more')).encode(),
    'why',
  )
  expect(parseRules(bytes)).toMatchObject([
    { chain: 'FORWARD', comment: 'why', words: 'iifname "eth0" ? ? ? jump more' },
  ])
  expect(parseMessages(bytes).map(({ type }) => type)).toEqual([NEWRULE])
})
