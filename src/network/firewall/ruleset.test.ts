import { describe, expect, test } from 'vitest'
import type { PublishedTarget } from '../ports/published.ts'
import { Firewall } from './firewall.ts'
import { foreignCommands } from './foreign-forward.ts'
import { type FirewallNetwork, type FirewallState, renderRuleset } from './ruleset.ts'

const FRONT: FirewallNetwork = {
  id: '0123456789ab'.repeat(5),
  link: 'tsc-0123456789a',
  internal: false,
  masqueraded: ['172.18.0.0/24', 'fd00::/64'],
}
const BACK: FirewallNetwork = {
  id: 'ba9876543210'.repeat(5),
  link: 'tsc-ba987654321',
  internal: true,
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

const dnat = (published: readonly PublishedTarget[]): string[] =>
  renderRuleset('', { networks: [FRONT, BACK], published })
    .split('\n')
    .filter(line => / dnat ip/.test(line))
    .map(line => line.trim())

describe('renderRuleset', () => {
  test('replaces the whole table in one transaction, and removes it with the last network', () => {
    expect(renderRuleset('', { networks: [], published: [] })).toBe(
      'add table inet tscompose\ndelete table inet tscompose\n',
    )
    const lines = renderRuleset('abc123', { networks: [FRONT], published: [] }).split('\n')
    expect(lines.slice(0, 3)).toEqual([
      'add table inet tscompose_abc123',
      'delete table inet tscompose_abc123',
      'table inet tscompose_abc123 {',
    ])
  })

  test('masquerades what leaves of the subnets that are named for it', () => {
    const masquerades = (networks: readonly FirewallNetwork[]): string[] =>
      renderRuleset('', { networks, published: [] })
        .split('\n')
        .filter(line => line.endsWith(' masquerade'))
    expect(masquerades([FRONT, BACK])).toEqual([
      '\t\tip saddr 172.18.0.0/24 iifname "tsc-0123456789a" oifname != "tsc-0123456789a" masquerade',
      '\t\tip6 saddr fd00::/64 iifname "tsc-0123456789a" oifname != "tsc-0123456789a" masquerade',
    ])
    expect(masquerades([{ ...FRONT, masqueraded: [] }])).toEqual([])
  })

  test('translates published ports within a family', () => {
    expect(dnat([PORT, { ...PORT, hostIp: '::' }, { ...PORT, hostIp: '::', targetIp: 'fd00::2' }])).toEqual([
      'meta nfproto ipv4 fib daddr type local tcp dport 8080 dnat ip to 172.18.0.2:80',
      'meta nfproto ipv6 fib daddr type local tcp dport 8080 dnat ip6 to [fd00::2]:80',
    ])
    expect(dnat([{ ...PORT, hostIp: '192.0.2.1', protocol: 'udp' }])).toEqual([
      'ip daddr 192.0.2.1 udp dport 8080 dnat ip to 172.18.0.2:80',
    ])
  })

  test('has one rule for ports that follow each other, and a map where their numbers change', () => {
    const range: PublishedTarget = { ...PORT, hostPort: 20000, containerPort: 20000, count: 10_000 }
    expect(dnat([range])).toEqual([
      'meta nfproto ipv4 fib daddr type local tcp dport 20000-29999 dnat ip to 172.18.0.2',
    ])
    const six = { hostIp: '2001:db8::1', targetIp: 'fd00::2' }
    expect(dnat([{ ...range, ...six, count: 2, containerPort: 30000 }])).toEqual([
      'ip6 daddr 2001:db8::1 tcp dport 20000-20001 dnat ip6 to tcp dport map { 20000 : fd00::2 . 30000, 20001 : fd00::2 . 30001 }',
    ])
  })

  test('leaves loopback publishes and internal networks to the relay', () => {
    expect(
      dnat([
        { ...PORT, hostIp: '127.0.0.1' },
        { ...PORT, hostIp: '::1' },
      ]),
    ).toEqual([])
    expect(
      dnat([
        { ...PORT, networkId: BACK.id },
        { ...PORT, networkId: 'gone' },
      ]),
    ).toEqual([])
  })

  test('lets nothing into the rules that is not a name or an address', () => {
    const codeOf = (state: FirewallState): unknown => {
      try {
        return renderRuleset('', state)
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
      dnat([
        { ...PORT, targetIp: evil },
        { ...PORT, hostIp: evil },
      ]),
    ).toEqual([])
  })
})

describe('foreign FORWARD chains', () => {
  const listing = (policy: string, user: string): string =>
    `table ip filter {\n\tchain DOCKER-USER { # handle 1\n${user}\t}\n\tchain FORWARD { # handle 2\n\t\ttype filter hook forward priority filter; policy ${policy};\n\t\tjump DOCKER-USER # handle 3\n\t}\n}\n`
  /** What nft lists of rules of ours, with handles from 7 on. */
  const listed = (...rules: readonly (readonly [string, string])[]): string =>
    rules
      .map(
        ([match, verdict], index) =>
          `\t\t${match} counter packets 0 bytes 0 ${verdict} comment "tscompose" # handle ${index + 7}\n`,
      )
      .join('')
  const RULES = [
    ['iifname "tsc-*" oifname "docker0"', 'return'],
    ['iifname "tsc-*" oifname "br-*"', 'return'],
    ['iifname "tsc-*"', 'accept'],
    ['oifname "tsc-*"', 'accept'],
  ] as const
  const OURS = listed(...RULES)

  test('that drop let our bridges through, at the place made for it', () => {
    const commands = foreignCommands('ip filter', listing('drop', ''), '', []).trim().split('\n')
    expect(commands).toHaveLength(4)
    expect(commands.at(-1)).toBe(
      'insert rule ip filter DOCKER-USER iifname "tsc-*" oifname "docker0" counter return comment "tscompose"',
    )
    const bare = listing('drop', '').replaceAll('DOCKER-USER', 'OTHER')
    expect(foreignCommands('ip filter', bare, '', [])).toContain('insert rule ip filter FORWARD ')
  })

  test('that drop let bridges of the user’s names through, and follow them as they come and go', () => {
    const commands = foreignCommands('ip filter', listing('drop', OURS), '', ['br-mine']).trim().split('\n')
    expect(commands.filter(command => command.startsWith('delete'))).toHaveLength(RULES.length)
    const inserted = commands
      .filter(command => command.startsWith('insert'))
      .map(command =>
        command.replace('insert rule ip filter DOCKER-USER ', '').replace(' comment "tscompose"', ''),
      )
    // The last one that is inserted is met first.
    expect(inserted.at(-1)).toBe('iifname "br-mine" oifname "br-mine" counter accept')
    expect(inserted).toContain('iifname "br-mine" counter accept')
    expect(inserted).toContain('oifname "br-mine" counter accept')
    const there = listed(...inserted.toReversed().map(text => text.split(' counter ') as [string, string]))
    expect(foreignCommands('ip filter', listing('drop', there), '', ['br-mine'])).toBe('')
    expect(foreignCommands('ip filter', listing('drop', there), '', [])).toContain(
      'delete rule ip filter DOCKER-USER handle 7\n',
    )
  })

  test('that accept, or have our rules, are left alone', () => {
    expect(foreignCommands('ip filter', listing('accept', ''), '', [])).toBe('')
    expect(foreignCommands('ip filter', listing('drop', OURS), '', [])).toBe('')
    expect(foreignCommands('ip filter', '', '', [])).toBe('')
  })

  test('lose our rules, and no other engine’s, with the last network', () => {
    expect(foreignCommands('ip filter', listing('drop', OURS), '', 'none')).toBe(
      OURS.match(/handle \d+/g)
        ?.map(handle => `delete rule ip filter DOCKER-USER ${handle}\n`)
        .join(''),
    )
    expect(foreignCommands('ip filter', listing('drop', OURS), 'abc123', 'none')).toBe('')
  })
})

describe('Firewall', () => {
  /** Records what is loaded; each load waits until `release` is called. */
  const open = (): {
    loads: string[]
    release: () => void
    firewall: Firewall
    state: { -readonly [K in keyof FirewallState]: FirewallState[K] }
  } => {
    const loads: string[] = []
    const waiting: (() => void)[] = []
    const state = {
      networks: [FRONT] as readonly FirewallNetwork[],
      published: [] as readonly PublishedTarget[],
    }
    const firewall = new Firewall({
      engineId: '',
      state: () => state,
      nft: async (args, input = '') => {
        if (args[0] !== '-f') return { code: 1, stdout: '', stderr: '' }
        loads.push(input)
        await new Promise<void>(resolve => {
          waiting.push(resolve)
        })
        return { code: input.includes(':666') ? 1 : 0, stdout: '', stderr: 'no' }
      },
    })
    return { loads, release: () => waiting.shift()?.(), firewall, state }
  }
  const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

  test('makes one run of all changes that come while another runs', async () => {
    const { loads, release, firewall, state } = open()
    const first = firewall.apply()
    await turn()
    const later = [8081, 8082, 8083].map(hostPort => {
      state.published = [...state.published, { ...PORT, hostPort }]
      return firewall.apply()
    })
    release()
    await first
    await turn()
    release()
    await Promise.all(later)
    expect(loads).toHaveLength(2)
    expect(loads[1]).toContain('8083')
  })

  test('does not load the same again, unless it shall repair', async () => {
    const { loads, release, firewall } = open()
    for (const work of [() => firewall.apply(), () => firewall.apply(), () => firewall.repair()]) {
      const done = work()
      await turn()
      release()
      await done
    }
    expect(loads).toHaveLength(2)
  })

  /** An nft whose kernel has these chains; `runs` has the arguments and the input of each. */
  const inKernel = (
    chains: string,
  ): { runs: string[]; firewall: Firewall; state: { networks: FirewallNetwork[] } } => {
    const runs: string[] = []
    const state = { networks: [FRONT] as FirewallNetwork[], published: [] }
    const nft = async (args: readonly string[], input = '') => {
      runs.push(`${args.join(' ')}\n${input}`)
      return { code: 0, stdout: input.includes('list chains') ? chains : '', stderr: '' }
    }
    return { runs, firewall: new Firewall({ engineId: '', state: () => state, nft }), state }
  }

  test('runs nft once a change where no foreign chain drops', async () => {
    const { runs, firewall, state } = inKernel('table ip filter {\n\tchain OTHER {\n\t}\n}\n')
    await firewall.apply()
    state.networks.pop()
    await firewall.apply()
    expect(runs).toHaveLength(2)
  })

  test('opens the foreign chain that drops, and looks at its table alone when it takes the rules back', async () => {
    const forward = (policy: string): string =>
      `\tchain FORWARD {\n\t\ttype filter hook forward priority filter; policy ${policy};\n\t}\n`
    const { runs, firewall, state } = inKernel(
      `table ip filter {\n${forward('drop')}}\ntable ip6 filter {\n${forward('accept')}}\n`,
    )
    await firewall.apply()
    expect(runs).toHaveLength(2)
    expect(runs[1]).toContain('insert rule ip filter FORWARD ')
    expect(runs[1]).not.toContain('ip6 filter')
    state.networks.pop()
    await firewall.apply()
    expect(runs.filter(run => run.startsWith('-a list table'))).toEqual(['-a list table ip filter\n'])
  })

  test('adjusts the foreign table that has rules of ours when a bridge of the user’s name comes or goes', async () => {
    const { runs, firewall, state } = inKernel(
      'table ip filter {\n\tchain FORWARD {\n\t\ttype filter hook forward priority filter; policy drop;\n\t}\n}\n',
    )
    await firewall.apply()
    const looks = (): number => runs.filter(run => run.startsWith('-a list table ip filter')).length
    state.networks.push({ ...BACK, link: 'br-mine' })
    await firewall.apply()
    await firewall.apply()
    expect(looks()).toBe(1)
    state.networks.pop()
    await firewall.apply()
    expect([looks(), runs.some(run => run.includes('ip6 filter'))]).toEqual([2, false])
  })

  test('reports a failure to those who waited for it, and goes on', async () => {
    const { release, firewall, state } = open()
    state.published = [{ ...PORT, containerPort: 666 }]
    const refused = firewall.apply()
    await turn()
    release()
    await expect(refused).rejects.toMatchObject({ code: 'FIREWALL_FAILED' })
    state.published = []
    const good = firewall.apply()
    await turn()
    release()
    await expect(good).resolves.toBeUndefined()
  })
})
