import type { ListedChain, ListedRule } from '../network/netlink/index.ts'
import { heldByLegacy, heldOutput } from '../network/shortcut/held-output.ts'
import { asRoot, tried } from './as-root.ts'
import { type Finding, findingsOf, fine, lacking, type Verdict, warning } from './finding.ts'
import { foreignChains } from './foreign-chains.ts'
import type { Machine } from './machine.ts'
import type { Probe } from './probes.ts'
import type { KernelTable } from './tables.ts'

/** Links, firewall, forwarding and names. */
export async function examineNetwork(machine: Machine): Promise<Finding[]> {
  const needed = (probe: Probe, module: string): Promise<Verdict> =>
    tried(machine, probe, 'works', refusal =>
      lacking(`refused: ${refusal}`, `containers get no network: the kernel needs ${module}`),
    )
  return findingsOf('Network', {
    bridges: await needed('bridge', 'the module bridge'),
    'veth pairs': await needed('veth', 'the module veth'),
    nf_tables: await needed('nf_tables', 'the module nf_tables'),
    'firewall rules': await tried(
      machine,
      'firewall rules',
      'the kernel takes filters, NAT and connection tracking',
      refusal =>
        lacking(
          `refused: ${refusal}`,
          'networks cannot be made, and no port published: the kernel needs nf_tables with NAT (modules nft_chain_nat, nft_masq, nft_fib_inet, nft_ct)',
        ),
    ),
    'other firewalls': await asRoot(machine, () => otherFirewalls(machine)),
    'iptables-legacy': await asRoot(machine, () => legacyTables(machine)),
    localhost: await localhost(machine),
    'egress hook': await tried(machine, 'egress hook', 'works', refusal =>
      warning(
        `refused: ${refusal}`,
        'containers are not held to their own addresses (CONFIG_NETFILTER_EGRESS, kernel 5.16): drop the capability NET_RAW of those that are not trusted',
      ),
    ),
    forwarding: await forwarding(machine),
    'name servers': await nameServers(machine),
  })
}

async function otherFirewalls(machine: Machine): Promise<Verdict> {
  const tables = await machine.tables()
  if (tables === undefined)
    return warning('not known', 'the kernel does not tell its tables, and so not who drops what is forwarded')
  const isAsked = await machine.finds('firewall-cmd')
  const { opened, forward, input, asked } = foreignChains(tables, isAsked)
  if (forward.length > 0)
    return warning(
      `forwarding is dropped by ${forward.join(', ')}`,
      'what goes from containers to elsewhere, and back, is dropped there whatever our own rules say: it takes no rule but from the program that has made it (firewalld: firewall-cmd --permanent --zone=trusted --add-interface=tsc-+)',
    )
  if (input.length > 0)
    return warning(
      `input is dropped by ${input.join(', ')}`,
      'the host is reached by containers, at its published ports too, only where that chain accepts it, which takes no rule but from the program that has made it (firewalld: firewall-cmd --permanent --zone=trusted --add-interface=tsc-+)',
    )
  const letThrough = [
    ...(opened.length > 0
      ? [`${opened.join(', ')} drops: our networks and published ports are let through there`]
      : []),
    ...(asked.length > 0 ? ['firewalld drops: its zone trusted gets our networks while there are any'] : []),
  ]
  return fine(letThrough.length > 0 ? letThrough.join('; ') : 'none that drops')
}

/** How the host's own clients come to published ports. By either way they are served. */
async function localhost(machine: Machine): Promise<Verdict> {
  const relayed = (why: string): Verdict =>
    fine(`published ports are reached through a process of ours: ${why}`)
  return asRoot(machine, async () => {
    const refusal = await machine.refusal('shortcut')
    if (refusal !== undefined) return relayed(`the kernel takes no programs at connect(2), ${refusal}`)
    const tables = (await machine.tables()) ?? []
    const chains = tables.filter(({ name }) => !name.startsWith('tscompose')).flatMap(each => each.chains)
    const held = heldOutput(chains, chain => rulesOf(tables, chain))
    const legacy = await heldByLegacy(machine.read)
    if (held.ipv4 || legacy.ipv4) return relayed('rules of others look at what the host itself sends')
    return fine(
      held.ipv6 || legacy.ipv6
        ? 'published ports are connected to their containers at once, by IPv4'
        : 'published ports are connected to their containers at once',
    )
  })
}

const rulesOf = (tables: readonly KernelTable[], { family, table }: ListedChain): readonly ListedRule[] =>
  tables.find(each => each.family === family && each.name === table)?.rules ?? []

async function legacyTables(machine: Machine): Promise<Verdict> {
  const names = (await machine.read('/proc/net/ip_tables_names')) ?? ''
  if (!names.split('\n').includes('filter')) return fine('not in use')
  const chain = await machine.output('iptables-legacy', ['-S', 'FORWARD'])
  if (chain?.stdout.includes('-P FORWARD ACCEPT')) return fine('in use, and forwards')
  return warning(
    'in use',
    'its chain FORWARD may drop what our own rules accept: iptables-legacy -I FORWARD -i tsc-+ -j ACCEPT; iptables-legacy -I FORWARD -o tsc-+ -j ACCEPT',
  )
}

const FORWARD = '/proc/sys/net/ipv4/ip_forward'

/** The engine switches it on. */
async function forwarding(machine: Machine): Promise<Verdict> {
  if ((await machine.read(FORWARD))?.trim() === '1') return fine('on')
  return asRoot(machine, async () =>
    (await machine.writable(FORWARD))
      ? fine('off: the first network switches it on')
      : lacking('off, and read-only', 'no network can be made: set net.ipv4.ip_forward to 1 with sysctl'),
  )
}

async function nameServers(machine: Machine): Promise<Verdict> {
  const text = (await machine.read('/etc/resolv.conf')) ?? ''
  const servers = [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, server]) => server)
  return servers.length > 0
    ? fine(servers.join(', '))
    : warning(
        '/etc/resolv.conf names none',
        'images are not found, and containers resolve their own names alone: add a line "nameserver ADDRESS"',
      )
}
