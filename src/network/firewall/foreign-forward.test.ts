import { describe, expect, test } from 'vitest'
import { newBaseChain, newChain, newRule, type TableFamily } from '../netlink/index.ts'
import { parseMessages } from '../netlink/message.ts'
import { parseRules } from '../netlink/nft-rules.ts'
import { type ForeignAccess, foreignChanges, foreignRules } from './foreign-forward.ts'
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
        name === 'FORWARD'
          ? newBaseChain({ family, table, name, hook: 'forward', priority: 0, policy })
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
        (await foreignChanges({ list }, engineId, wanted)).flatMap(({ messages }) => messages),
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
    expect((await docker.changes([])).inserted).toEqual(OPENED.map(words => `DOCKER-USER ${words}`))
    const ufw = kernel('drop', { FORWARD: [jump('ufw')], ufw: [rule(ESTABLISHED, ACCEPT)] }, 'ip6')
    expect((await ufw.changes([])).inserted).toEqual(OPENED.map(words => `FORWARD ${words}`))
  })

  test('and drop by a last rule, there or in a chain that all comes to, let them through as well', async () => {
    const last = kernel('accept', { FORWARD: [rule(ESTABLISHED, ACCEPT), DROP] }, 'inet')
    expect((await last.changes([])).inserted).toHaveLength(OPENED.length)
    const zones = kernel('accept', { FORWARD: [jump('zones')], zones: [jump('public')], public: [DROP] })
    expect((await zones.changes([])).inserted).toHaveLength(OPENED.length)
  })

  test('and accept, drop some alone, or lead in a circle, are left alone', async () => {
    expect(await kernel('accept', { FORWARD: [rule(link('iifname', 'eth0'), DROP)] }).changes([])).toEqual(
      NOTHING,
    )
    expect(await kernel('accept', { FORWARD: [ACCEPT, DROP] }).changes([])).toEqual(NOTHING)
    expect(await kernel('accept', { FORWARD: [jump('a')], a: [jump('a')] }).changes([])).toEqual(NOTHING)
  })

  test('have our rules once, and others when bridges of the user’s names come and go', async () => {
    const rules = foreignRules(['br-mine'])
    const there = kernel('drop', { FORWARD: rules })
    there.ours(rules)
    expect(await there.changes(['br-mine'])).toEqual(NOTHING)
    expect(await there.changes([])).toEqual({
      inserted: OPENED.map(words => `FORWARD ${words}`),
      removed: rules.length,
    })
    // Within itself a link passes first.
    expect(rules[0]?.text).toBe('iifname "br-mine" oifname "br-mine" counter accept')
  })

  test('lose our rules, and no other engine’s, with the last network, and when they drop no more', async () => {
    const [ours, others] = [foreignRules([]), foreignRules([])]
    const there = kernel('drop', { FORWARD: [...ours, ...others] })
    there.ours(ours)
    there.ours(others, 'tscompose_abcdef')
    expect(await there.changes('none')).toEqual({ inserted: [], removed: ours.length })
    const open = kernel('accept', { FORWARD: ours })
    open.ours(ours)
    expect(await open.changes([])).toEqual({ inserted: [], removed: ours.length })
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
