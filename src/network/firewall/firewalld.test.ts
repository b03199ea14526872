import { expect, test } from 'vitest'
import { Firewalld } from './firewalld.ts'
import { type FirewalldSight, zoneOf, zonesIn } from './firewalld-table.ts'

const rulesOf = (text: string): { chain: string; words: string }[] =>
  text
    .trim()
    .split('\n')
    .map(line => {
      const [chain = '', words = ''] = line.trim().split(' | ')
      return { chain, words }
    })

/** As firewalld 2.3 has them. */
const TABLE = rulesOf(`
  filter_INPUT | iifname "lo" accept
  filter_INPUT | jump filter_INPUT_POLICIES
  filter_INPUT_POLICIES | iifname "tsc-*" jump filter_IN_policy_allow-host-ipv6
  filter_INPUT_POLICIES | iifname "tsc-*" jump filter_IN_trusted
  filter_INPUT_POLICIES | iifname "tsc-*" accept
  filter_INPUT_POLICIES | iifname "eth1" jump filter_IN_home
  filter_INPUT_POLICIES | jump filter_IN_policy_allow-host-ipv6
  filter_INPUT_POLICIES | jump filter_IN_public
  filter_IN_public | jump filter_IN_public_allow
  filter_IN_public_allow | l4proto 0x06 @2,2,2 0x0016 accept
  filter_IN_public_allow | nfproto 0x0a l4proto 0x11 @2,2,2 range 0x1f40 0x1f4a accept
  filter_IN_public_allow | nfproto 0x02 @1,12,1 0x0a l4proto 0x06 @2,2,2 0x0063 accept
  filter_IN_home_allow | l4proto 0x06 @2,2,2 0x0050 accept`)

test('its table says which links are in which zone, and what is open to all others; not what asks for an address', () => {
  const { bound, opened } = zonesIn(TABLE)
  expect([...bound]).toEqual([
    ['tsc-+', 'trusted'],
    ['eth1', 'home'],
  ])
  expect(opened).toEqual([
    { protocol: 'tcp', number: 6, first: 22, last: 22, family: 4 },
    { protocol: 'tcp', number: 6, first: 22, last: 22, family: 6 },
    { protocol: 'udp', number: 17, first: 8000, last: 8010, family: 6 },
  ])
  expect(['tsc-0123456789a', 'eth1', 'eth10'].map(link => zoneOf({ bound }, link))).toEqual([
    'trusted',
    'home',
    undefined,
  ])
})

/** A firewalld that does what it is told, or has written something down. */
function firewalld(...written: readonly string[]) {
  const bound = new Map(written.map(name => [name, 'trusted']))
  const asked: string[] = []
  const tool = async (args: readonly string[]) => {
    asked.push(args.join(' '))
    for (const arg of args) {
      const [option = '', name = ''] = arg.split('=')
      if (option === '--add-interface') bound.set(name, 'trusted')
      if (option === '--remove-interface') bound.delete(name)
    }
    return { code: args.includes('--permanent') && !written.includes('tsc-+') ? 1 : 0, said: '' }
  }
  return { bound, asked, tool, sight: sightOf(bound) }
}

const sightOf = (bound: FirewalldSight['bound']): FirewalldSight => ({
  bound,
  opened: [],
  isClosed: { forward: true, input: true },
})
const LINKS = { named: [], ports: [], ownPorts: [], isServing: false }
const nobody = async (): Promise<boolean> => false
const GUARDED = { links: ['tsc-+'], opened: [] }

test('our links are bound to the zone once, held to less of the host, and let go of with the last network', async () => {
  const { bound, asked, tool, sight } = firewalld()
  const ours = new Firewalld(tool)
  const first = await ours.changeTo(sight, LINKS, nobody)
  expect(first).toEqual({ bind: ['tsc-+'], release: [], guard: GUARDED })
  await ours.change(first)
  expect(await ours.changeTo(sight, LINKS, nobody)).toEqual({ bind: [], release: [], guard: GUARDED })
  // A reload has lost it.
  bound.clear()
  expect(await ours.changeTo(sight, LINKS, nobody)).toEqual(first)
  await ours.change(first)
  // Another engine's networks are there still.
  expect((await ours.changeTo(sight, 'none', async () => true)).release).toEqual([])
  const last = await ours.changeTo(sight, 'none', nobody)
  expect(last).toEqual({ bind: [], release: ['tsc-+'], guard: undefined })
  await ours.change(last)
  expect([bound.size, asked.length]).toEqual([0, 3])
})

test('a bridge of a name of the user’s is bound beside them; one that he has put into a zone stays there', async () => {
  const { bound, tool, sight } = firewalld()
  bound.set('br-his', 'home')
  const wanted = { ...LINKS, named: ['br-mine', 'br-his'] }
  const change = await new Firewalld(tool).changeTo(sight, wanted, nobody)
  expect(change.bind).toEqual(['tsc-+', 'br-mine'])
  expect(change.guard?.links).toEqual(['tsc-+', 'br-mine'])
})

test('what an engine that was killed has bound is its next one’s; what is written down is the user’s, who trusts them whole', async () => {
  const left = firewalld()
  left.bound.set('tsc-+', 'trusted')
  const next = new Firewalld(left.tool)
  expect((await next.changeTo(left.sight, LINKS, nobody)).guard).toEqual(GUARDED)
  expect((await next.changeTo(left.sight, 'none', nobody)).release).toEqual(['tsc-+'])
  const his = firewalld('tsc-+')
  const other = new Firewalld(his.tool)
  expect(await other.changeTo(his.sight, LINKS, nobody)).toEqual({ bind: [], release: [], guard: undefined })
  expect((await other.changeTo(his.sight, 'none', nobody)).release).toEqual([])
})

test('one that is open gets nothing, and one that refuses is told of', async () => {
  const { tool, sight } = firewalld()
  const open = { ...sight, isClosed: { forward: false, input: false } }
  expect((await new Firewalld(tool).changeTo(open, LINKS, nobody)).bind).toEqual([])
  const refusing = new Firewalld(async () => ({ code: 252, said: 'FirewallD is not running' }))
  await expect(refusing.change({ bind: ['tsc-+'], release: [] })).rejects.toMatchObject({
    code: 'FIREWALL_CLOSED',
  })
})
