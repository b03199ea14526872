import { describe, expect, test } from 'vitest'
import type { ListedChain, ListedRule } from '../netlink/index.ts'
import { heldByLegacy, heldOutput } from './held-output.ts'

const NOBODY = { ipv4: false, ipv6: false }
const BOTH = { ipv4: true, ipv6: true }
const OUT = {
  family: 'inet',
  table: 'own',
  name: 'out',
  hook: 'output',
  type: 'filter',
  policy: 'accept',
} as const

const rule = (words: string, chain = 'out'): ListedRule => ({
  family: OUT.family,
  table: OUT.table,
  chain,
  words,
  handle: Buffer.alloc(8),
})
const held = (rules: readonly ListedRule[], chain: Partial<ListedChain> = {}) =>
  heldOutput([{ ...OUT, ...chain }], () => rules)

describe('what others say of the packets of the host’s own processes', () => {
  test('is nothing where they let all pass, or only count', () => {
    expect(held([rule('oifname "lo" counter accept'), rule('counter'), rule('? counter log')])).toEqual(
      NOBODY,
    )
  })

  test.each([
    'oifname "lo" counter drop',
    '? reject',
    'counter log drop',
    '? counter ?',
  ])('is something where a rule is `%s`', words => expect(held([rule(words)])).toEqual(BOTH))

  test('is something by a policy that drops', () => expect(held([], { policy: 'drop' })).toEqual(BOTH))

  test('is followed into the chains that a rule leads to, and into no others', () => {
    const leads = [rule('counter jump more'), rule('goto last', 'more')]
    expect(held([...leads, rule('drop', 'last')])).toEqual(BOTH)
    expect(held([...leads, rule('drop', 'elsewhere')])).toEqual(NOBODY)
  })

  test('is about one family in a table of one, or where the rule is for IPv6 alone', () => {
    expect(held([rule('drop')], { family: 'ip' })).toEqual({ ipv4: true, ipv6: false })
    expect(held([rule('drop')], { family: 'ip6' })).toEqual({ ipv4: false, ipv6: true })
    expect(held([rule('nfproto 0x0a ? reject')])).toEqual({ ipv4: false, ipv6: true })
  })

  test('counts of chains that filter or route, not of those that translate, nor of other hooks', () => {
    expect(held([rule('? counter ?')], { type: 'route' })).toEqual(BOTH)
    expect(held([rule('? counter ?')], { type: 'nat' })).toEqual(NOBODY)
    expect(held([rule('drop')], { hook: 'input' })).toEqual(NOBODY)
  })

  test('ends where chains lead to each other', () => {
    expect(held([rule('jump out')])).toEqual(BOTH)
  })
})

test('tables of iptables-legacy that are in use may say anything, but for those that translate', async () => {
  const legacy = (ip: string | undefined, ip6: string | undefined) =>
    heldByLegacy(async path => (path.endsWith('/ip_tables_names') ? ip : ip6))
  expect(await legacy(undefined, '')).toEqual(NOBODY)
  expect(await legacy('nat\nfilter\n', undefined)).toEqual({ ipv4: true, ipv6: false })
  expect(await legacy('nat\n', 'mangle\n')).toEqual({ ipv4: false, ipv6: true })
})
