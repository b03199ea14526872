import { rmSync, writeFileSync } from 'node:fs'
import type { Fault } from './fault.ts'
import type { DriftedProject } from './project.ts'

/** What can happen to networks, and to containers' places in them. */
export const NETWORK_FAULTS: readonly Fault[] = [
  {
    name: 'a bridge is removed',
    inject: at => void at.host(`ip link del ${at.bridge('front')}`),
    seen: ['front bridge'],
  },
  {
    name: 'a bridge is down',
    inject: at => void at.host(`ip link set ${at.bridge('front')} down`),
    seen: ['front bridge.state'],
  },
  {
    name: 'a bridge has lost the gateway’s address',
    inject: at => void at.host(`ip addr flush dev ${at.bridge('back')}`),
    seen: ['back bridge.address'],
  },
  {
    name: 'a bridge has lost the gateway’s address of IPv6',
    inject: at => void at.host(`ip -6 addr flush dev ${at.bridge('front')} scope global`),
    seen: ['front bridge.address'],
  },
  {
    name: 'a bridge has another MTU',
    inject: at => void at.host(`ip link set ${at.bridge('front')} mtu 1400`),
    seen: ['front bridge.mtu'],
  },
  {
    name: 'a bridge without IPv6 was too small for it, and begins with it anew',
    inject: at => void at.host(`ip link set ${at.bridge('back')} mtu 900`),
    seen: ['back bridge.mtu'],
  },
  {
    name: 'a bridge with IPv6 is too small for it',
    inject: at => void at.host(`ip link set ${at.bridge('front')} mtu 900`),
    seen: ['front bridge.mtu', 'front bridge.address'],
  },
  {
    name: 'a bridge is called otherwise',
    inject: at => {
      at.host(`ip link set ${at.bridge('back')} down`)
      at.host(`ip link set ${at.bridge('back')} name dr${process.pid}`)
      at.host(`ip link set dr${process.pid} up`)
    },
    seen: ['back bridge'],
    check: at => {
      if (at.host('ip -o link').includes(`dr${process.pid}`)) throw new Error('the old bridge is there')
    },
  },
  {
    name: 'a pair is removed',
    inject: at => void at.host(`ip link del ${at.veth('api', 'front')}`),
    seen: ['api-1 endpoint.front.link'],
  },
  {
    name: 'a pair is no port of its bridge',
    inject: at => void at.host(`ip link set ${at.veth('api', 'front')} nomaster`),
    seen: ['api-1 endpoint.front.bridge'],
  },
  {
    name: 'a pair is a port of another bridge',
    inject: at => void at.host(`ip link set ${at.veth('web', 'front')} master ${at.bridge('back')}`),
    seen: ['web-1 endpoint.front.bridge'],
  },
  {
    name: 'the outside end of a pair is down',
    inject: at => void at.host(`ip link set ${at.veth('web', 'back')} down`),
    seen: ['web-1 endpoint.back.link.state'],
  },
  {
    name: 'the outside end of a pair has a larger MTU',
    inject: at => void at.host(`ip link set ${at.veth('web', 'back')} mtu 1600`),
    seen: ['web-1 endpoint.back.link.mtu'],
  },
  {
    name: 'an interface is removed inside',
    inject: at => void at.inside('db', 'ip link del eth0'),
    seen: ['db-1 endpoint.back.link'],
  },
  {
    name: 'an interface is called otherwise',
    inject: at => {
      at.inside('api', 'ip link set eth0 down')
      at.inside('api', 'ip link set eth0 name eth7')
    },
    seen: ['api-1 endpoint.front.interface'],
  },
  {
    name: 'an interface is down',
    inject: at => void at.inside('web', 'ip link set eth0 down'),
    seen: ['web-1 endpoint.back.interface.state'],
  },
  {
    name: 'an interface has another MTU',
    inject: at => void at.inside('web', 'ip link set eth0 mtu 1280'),
    seen: ['web-1 endpoint.back.interface.mtu'],
  },
  {
    name: 'an interface with IPv6 is too small for it',
    inject: at => void at.inside('api', 'ip link set eth0 mtu 900'),
    seen: ['api-1 endpoint.front.interface.mtu', 'api-1 endpoint.front.interface.address'],
  },
  {
    name: 'an interface without IPv6 was too small for it',
    inject: at => void at.inside('db', 'ip link set eth0 mtu 900'),
    seen: ['db-1 endpoint.back.interface.mtu'],
  },
  {
    name: 'an interface has another MAC address',
    inject: at => void at.inside('db', 'ip link set eth0 address 02:11:22:33:44:55'),
    seen: ['db-1 endpoint.back.interface.mac'],
  },
  {
    name: 'an interface has lost its address',
    inject: at => void at.inside('db', 'ip addr flush dev eth0'),
    seen: ['db-1 endpoint.back.interface.address'],
  },
  {
    name: 'an interface has lost its address of IPv6',
    inject: at => void at.inside('api', 'ip -6 addr flush dev eth0 scope global'),
    seen: ['api-1 endpoint.front.interface.address'],
  },
  {
    name: 'an interface has an address besides',
    inject: at => void at.inside('api', `ip addr add ${at.four}.77/25 dev eth0`),
    seen: ['api-1 endpoint.front.interface.address'],
  },
  {
    name: 'the default route is gone',
    inject: at => void at.inside('api', 'ip route del default'),
    seen: ['api-1 route.default'],
  },
  {
    name: 'the default route of IPv6 is gone',
    inject: at => void at.inside('api', 'ip -6 route del default'),
    seen: ['api-1 route.default.IPv6'],
  },
  {
    name: 'the default route leads elsewhere',
    inject: at => void at.inside('web', `ip route replace default via ${at.four}.99`),
    seen: ['web-1 route.default'],
  },
  {
    name: 'an internal network leads outside',
    inject: at => void at.inside('db', `ip route add default via ${at.four}.129`),
    seen: ['db-1 route.default'],
  },
  {
    name: 'the route to a subnet is gone',
    inject: at => void at.inside('db', `ip route del ${at.four}.128/25`),
    seen: ['db-1 route.back'],
  },
  {
    name: 'the route to a subnet of IPv6 is gone',
    inject: at => void at.inside('api', `ip -6 route del ${at.six}:/64`),
    seen: ['api-1 route.front'],
  },
  {
    name: 'loopback is down',
    inject: at => void at.inside('web', 'ip link set lo down'),
    seen: ['web-1 loopback'],
  },
  {
    name: 'the way to the resolver is flushed inside',
    inject: at => void at.inside('api', 'nft flush ruleset'),
    seen: ['api-1 egress', 'api-1 guard', 'api-1 resolver'],
    check: at => {
      const told = at.host(`nsenter -t ${at.of('api').pid} -n -m nslookup web`)
      if (!told.includes(at.four)) throw new Error(told)
    },
  },
  {
    name: 'a rule of the way to the resolver is gone',
    inject: at => void at.inside('web', 'nft flush chain ip tscompose_resolver answers'),
    seen: ['web-1 resolver'],
  },
  {
    name: 'a container goes everywhere',
    inject: at => void at.inside('api', 'nft insert rule inet tscompose_egress output accept'),
    seen: ['api-1 egress'],
  },
  {
    name: 'a container is not held to its addresses any more',
    inject: at => void at.inside('db', 'nft delete table netdev tscompose_guard'),
    seen: ['db-1 guard'],
  },
  {
    name: 'a names file is removed with its folder',
    inject: at => rmSync(namesFolder(at, 'back'), { recursive: true }),
    seen: ['back names'],
    check: at => {
      const told = at.host(`nsenter -t ${at.of('db').pid} -n -m nslookup web`)
      if (!told.includes(at.four)) throw new Error(told)
    },
  },
  {
    name: 'a names file says something else',
    inject: at => writeFileSync(`${namesFolder(at, 'front')}/names`, 'names 1\na web 192.0.2.1\n'),
    seen: ['front names'],
  },
  {
    name: 'the host’s rules are gone',
    inject: at => void at.host(`nft delete table inet ${at.table}`),
    seen: [],
    healsItself: at => at.host('nft list tables').includes(at.table),
  },
  {
    name: 'a chain of the host’s rules is empty',
    inject: at => void at.host(`nft flush chain inet ${at.table} postrouting`),
    seen: [],
    healsItself: at => at.host(`nft list chain inet ${at.table} postrouting`).includes('vmap'),
  },
]

function namesFolder(at: DriftedProject, key: string): string {
  return `${at.sandbox.env['TSCOMPOSE_RUN']}/networks/${at.networks[key]}`
}
