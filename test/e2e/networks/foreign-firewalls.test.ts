// Firewalls of others, as they were recorded: they come before us and after, and are loaded anew, and our containers go on.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Native } from '../../../src/native/index.ts'
import { ensureBridge } from '../../../src/network/drivers/bridge-device.ts'
import type { FirewallState } from '../../../src/network/firewall/firewall-state.ts'
import { type Endpoint, Firewall, firewallNetworks } from '../../../src/network/index.ts'
import { endpointOps } from '../../../src/network/program/endpoints.ts'
import type { Families } from '../../../src/network/shortcut/programs.ts'
import { eventually } from '../harness/eventually.ts'
import { endpointOf, Lab, networkOf, type Place } from '../harness/network-lab.ts'

const fileOf = (name: string): string => join(import.meta.dirname, 'firewalls', `${name}.nft`)

/** Firewalld as far as its table goes, which the kernel lets nobody else change, and which goes with it: bound links are accepted. */
class OwnedFirewalld {
  readonly #lab: Lab
  readonly #host: Place
  #nft: ChildProcess | undefined
  asked = 0

  constructor(lab: Lab, host: Place) {
    this.#lab = lab
    this.#host = host
  }

  async start(file: string): Promise<void> {
    this.#nft = spawn('nsenter', [`--net=${this.#host.netns}`, 'nft', '-i'], {
      stdio: ['pipe', 'ignore', 'inherit'],
    })
    this.say(`include "${file}"`)
    this.say('add chain inet firewalld filter_IN_trusted')
    await this.#until('filter_IN_trusted')
  }

  async stop(): Promise<void> {
    if (this.#nft === undefined) return
    const ended = once(this.#nft, 'exit')
    this.#nft.stdin?.end()
    await ended
    this.#nft = undefined
  }

  /** As `firewall-cmd` does; nothing is written down. */
  readonly tool = async (args: readonly string[]): Promise<{ code: number; said: string }> => {
    if (args.includes('--permanent')) return { code: 1, said: 'no' }
    for (const arg of args) {
      const [, name] = /^--add-interface=(.*)\+$/.exec(arg) ?? []
      if (name === undefined) continue
      this.say(`insert rule inet firewalld filter_FORWARD_POLICIES iifname "${name}*" accept`)
      this.say(`insert rule inet firewalld filter_INPUT_POLICIES iifname "${name}*" accept`)
      this.say(`insert rule inet firewalld filter_INPUT_POLICIES iifname "${name}*" jump filter_IN_trusted`)
      await this.#until('jump filter_IN_trusted')
    }
    if (args.some(arg => arg.startsWith('--remove-interface='))) {
      await this.reload()
      await eventually('nothing is bound', async () => !(await this.#table()).includes('tsc-'))
    }
    this.asked += 1
    return { code: 0, said: '' }
  }

  /** Lets go of what was bound. */
  async reload(): Promise<void> {
    for (const hook of ['FORWARD', 'INPUT']) {
      const chain = `filter_${hook}_POLICIES`
      const rules = await this.#lab.run(this.#host, `nft -a list chain inet firewalld ${chain}`)
      for (const [, handle] of rules.matchAll(/iifname "tsc-\*".* # handle (\d+)/g))
        this.say(`delete rule inet firewalld ${chain} handle ${handle}`)
    }
  }

  say(line: string): void {
    this.#nft?.stdin?.write(`${line}\n`)
  }

  #table(): Promise<string> {
    return this.#lab.run(this.#host, 'nft list ruleset')
  }

  #until(words: string): Promise<unknown> {
    return eventually(words, async () => (await this.#table()).includes(words))
  }
}

describe.each([
  'native',
  'ufw',
  'firewalld',
  'firewalld-2',
  'docker',
  'bare',
])('beside the rules of %s', name => {
  const lab = new Lab()
  const [front, other] = [networkOf('front', 1), networkOf('other', 3)]
  const both: FirewallState = {
    networks: firewallNetworks([front, other]),
    published: [
      {
        protocol: 'tcp',
        hostIp: '0.0.0.0',
        hostPort: 8080,
        containerPort: 80,
        targetIp: '10.77.1.2',
        networkId: front.id,
        count: 1,
      },
      {
        protocol: 'tcp',
        hostIp: '::',
        hostPort: 8080,
        containerPort: 80,
        targetIp: '10.77.1.2',
        networkId: front.id,
        count: 1,
      },
    ],
  }
  const rules = readFileSync(fileOf(name), 'utf8')
  let owner: OwnedFirewalld | undefined
  let state = both
  let host: Place, lan: Place, web: Place, stranger: Place
  let native: Native
  let firewall: Firewall
  /** Which families of the host's own clients may be led past the relay. */
  let led: Families | undefined
  const warnings: string[] = []
  const open = (): Firewall =>
    new Firewall({
      engineId: 'abcdef',
      state: () => state,
      native,
      ...(owner === undefined ? {} : { firewalldTool: owner.tool, links: async () => [] }),
      shortcut: {
        lead: async (_, wanted) => {
          led = wanted
        },
      },
      warn: ({ code, summary }) => warnings.push(`${code}: ${summary}`),
    })
  /** As the next engine does. */
  const openAnew = async (): Promise<void> => {
    firewall.close()
    firewall = open()
    await firewall.apply()
  }
  const connect = (place: Place, endpoint: Endpoint): Promise<unknown> =>
    native.run({ setup: [{ op: 'openNetns', path: place.netns }, ...endpointOps([endpoint], true)] })
  const load = (): Promise<unknown> =>
    owner?.start(fileOf(name)) ?? lab.run(host, `nft -f - <<'END'\n${rules}\nEND`)
  const unload = async (): Promise<void> => {
    if (owner !== undefined) return owner.stop()
    for (const [, table] of rules.matchAll(/^table (\w+ \w+) \{/gm))
      await lab.run(host, `nft delete table ${table}`)
  }
  /** Whether the host's own chains drop what comes in: Docker's rules have none for that. */
  const isClosed = name !== 'docker'
  /** What is reached, from outside, to outside, at the host by its containers: a published port, in each family; and by the host itself: that port, and a container. */
  const reached = (): Promise<readonly (string | undefined)[]> =>
    Promise.all([
      lab.fetch(web, 'http://192.0.2.1:8080/'),
      lab.fetch(stranger, 'http://[fd00:77:3::1]:8080/'),
      lab.fetch(lan, 'http://192.0.2.1:8080/'),
      lab.fetch(web, 'http://192.0.2.2/'),
      lab.fetch(stranger, 'http://192.0.2.2/'),
      lab.fetch(host, 'http://127.0.0.1:8080/'),
      lab.fetch(host, 'http://10.77.1.2/'),
    ])
  const ALL = [
    '10.77.1.2',
    'fd00:77:3::2',
    ...['192.0.2.2', '192.0.2.1', '192.0.2.1'],
    ...['127.0.0.1', '10.77.1.1'],
  ]
  const reachedAll = (): Promise<boolean> =>
    eventually('all is reached', async () => (await reached()).join() === ALL.join())

  beforeAll(async () => {
    const place = (): Promise<Place> => lab.place()
    ;[host, lan, web, stranger] = await Promise.all([place(), place(), place(), place()])
    native = lab.native(host)
    if (name === 'firewalld-2') owner = new OwnedFirewalld(lab, host)
    await lab.run(host, 'sysctl -qw net.ipv4.ip_forward=1')
    await lab.run(host, `ip link add lan0 type veth peer name eth0 netns ${lan.pid}`)
    await lab.run(host, 'ip addr add 192.0.2.1/24 dev lan0; ip link set lan0 up')
    await lab.run(lan, 'ip addr add 192.0.2.2/24 dev eth0; ip link set eth0 up')
    for (const each of [front, other]) await ensureBridge(native, each)
    await connect(web, endpointOf(front, 2))
    await connect(stranger, endpointOf(other, 2))
    await Promise.all([web, lan].map(each => lab.serve(each, 80)))
    // Stands for the listening socket of the published port; the other one is the host's own matter.
    await Promise.all([8080, 8081].map(port => lab.serve(host, port)))
    firewall = open()
    await firewall.apply()
  })
  afterAll(async () => {
    firewall.close()
    await owner?.stop()
    await lab.close()
  })

  test('which come later and are loaded anew, all is reached', async () => {
    expect(await reached()).toEqual(ALL)
    expect(led).toEqual({ ipv4: true, ipv6: true })
    await load()
    await reachedAll()
    await eventually(
      'the host’s own output is looked at',
      async () => led?.ipv6 !== /^ufw|^firewalld/.test(name),
    )
    expect(led?.ipv4).toBe(true)
    // Reloaded, as by `ufw reload` and `firewall-cmd --reload`.
    await unload()
    await load()
    await reachedAll()
    expect(warnings).toEqual([])
  })

  test('a port that comes is reached by containers, and one that goes is closed', async () => {
    const [port] = both.published
    if (port === undefined) throw new Error('a port is published')
    state = { ...both, published: [{ ...port, hostPort: 8081 }] }
    await firewall.apply()
    const asked = [8081, 8080].map(number => lab.fetch(web, `http://192.0.2.1:${number}/`))
    expect(await Promise.all(asked)).toEqual(['10.77.1.2', isClosed ? undefined : '10.77.1.2'])
    state = both
    await firewall.apply()
    expect(await reached()).toEqual(ALL)
  })

  test('which were there before, all is reached, and nothing of ours is left with the last network', async () => {
    await openAnew()
    const before = await lab.run(host, 'nft -a list ruleset | grep -c tscompose_abcdef')
    await openAnew()
    expect(await lab.run(host, 'nft -a list ruleset | grep -c tscompose_abcdef')).toBe(before)
    expect(await reached()).toEqual(ALL)
    state = { networks: [], published: [] }
    await firewall.apply()
    expect(await lab.run(host, 'nft list ruleset')).not.toMatch(/tscompose|tsc-/)
    state = both
    await firewall.apply()
    expect(await reached()).toEqual(ALL)
  })

  test('when everything is flushed, our table is there again', async () => {
    await lab.run(host, 'nft flush ruleset')
    await reachedAll()
    await owner?.stop()
    await load()
    await reachedAll()
  })

  if (name === 'firewalld-2')
    test('the host is reached at published ports, and at what it has open for all, and what a reload lets go of is bound again', async () => {
      await lab.serve(host, 9000)
      expect(await lab.fetch(web, 'http://192.0.2.1:9000/')).toBeUndefined()
      const before = owner?.asked ?? 0
      await owner?.reload()
      await eventually('it is asked again', async () => (owner?.asked ?? 0) > before)
      await reachedAll()
      owner?.say('add rule inet firewalld filter_IN_public_allow tcp dport 9000 accept')
      await eventually(
        'the port that was opened is reached',
        async () => (await lab.fetch(web, 'http://192.0.2.1:9000/')) === '10.77.1.2',
      )
      expect(warnings).toEqual([])
    })
})
