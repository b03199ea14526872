import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Fault } from './fault.ts'
import type { DriftedProject } from './project.ts'

const V2 = existsSync('/sys/fs/cgroup/cgroup.controllers')

/** Somebody says something else of which devices a service may open, as cgroup v1 has it. */
function device(name: string, file: string, rule: string, seen: string): Fault {
  return {
    name,
    inject: at => writeFileSync(`${devicesOf(at, 'api')}/${file}`, rule),
    seen: [`api-1 device.${seen}`],
  }
}

function devicesOf(at: DriftedProject, service: string): string {
  const groups = readFileSync(`/proc/${at.of(service).pid}/cgroup`, 'utf8')
  return `/sys/fs/cgroup/devices${/^\d+:devices:(.*)$/m.exec(groups)?.[1]}`
}

/** A sysctl of a network's bridge. */
function bridgeSysctl(
  name: string,
  network: string,
  [family, key, value]: readonly [family: string, key: string, value: string],
): Fault {
  return {
    name,
    inject: at => writeFileSync(`/proc/sys/net/${family}/conf/${at.bridge(network)}/${key}`, value),
    seen: [`${network} sysctl.${family}.${key}`],
  }
}

/** Something is set in a service's network namespace from outside. */
function inside(name: string, words: (at: DriftedProject) => readonly string[], seen: string): Fault {
  return {
    name,
    inject: at => {
      for (const each of words(at)) at.inside('api', each)
    },
    seen: [`api-1 foreign.${seen}`],
  }
}

/** What others set besides, so that a project does not work, though all that is its own is there. */
export const FOREIGN_FAULTS: readonly Fault[] = [
  ...(V2
    ? []
    : [
        device('a device is taken away', 'devices.deny', 'c 1:3 w', 'c 1:3'),
        device('a device is given', 'devices.allow', 'c 4:7 rw', 'c 4:7'),
      ]),
  {
    name: 'a pair is isolated on its bridge',
    inject: at => void at.host(`bridge link set dev ${at.veth('web', 'front')} isolated on`),
    seen: ['web-1 endpoint.front.link.port.isolated'],
  },
  {
    name: 'a port of a bridge floods nothing',
    inject: at => void at.host(`bridge link set dev ${at.veth('db', 'back')} flood off`),
    seen: ['db-1 endpoint.back.link.port.unicast_flood'],
  },
  bridgeSysctl('one bridge does not forward', 'front', ['ipv4', 'forwarding', '0']),
  bridgeSysctl('a bridge takes the word of routers', 'front', ['ipv6', 'accept_ra', '2']),
  bridgeSysctl('a bridge without IPv6 gets it', 'back', ['ipv6', 'disable_ipv6', '0']),
  inside(
    'a firewall of others drops all inside',
    () => [
      'nft add table ip others',
      'nft add chain ip others in { type filter hook input priority 0 ; policy drop ; }',
    ],
    'table.ip.others',
  ),
  inside(
    'a rule of others rejects inside',
    () => [
      'nft add table inet others',
      'nft add chain inet others out { type filter hook output priority 0 ; }',
      'nft add rule inet others out tcp dport 80 reject',
    ],
    'table.inet.others',
  ),
  inside('a route leads nowhere', () => ['ip route add blackhole 192.0.2.0/24'], 'route'),
  inside(
    'an address of a network leads elsewhere',
    at => [`ip route add ${at.four}.77/32 via ${at.four}.99`],
    'route',
  ),
  inside('a rule of routing refuses all', () => ['ip rule add prohibit from all priority 100'], 'rule'),
  {
    name: 'a table and a route of others that are in nobody’s way',
    inject: at => {
      at.inside('api', 'nft add table ip counting')
      at.inside('api', 'nft add chain ip counting out { type filter hook output priority 0 ; }')
      at.inside('api', 'nft add rule ip counting out counter accept')
      at.inside('api', `ip route add 203.0.113.0/24 via ${at.four}.99`)
    },
    seen: [],
    check: at => {
      at.inside('api', 'nft delete table ip counting')
      at.inside('api', 'ip route del 203.0.113.0/24')
    },
  },
]
