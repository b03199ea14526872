import { readlinkSync } from 'node:fs'
import { expect } from 'vitest'
import type { PortBinding } from '../../../src/api/types/index.ts'
import { eventually } from '../harness/eventually.ts'
import type { AttributeCase, Seen } from './case.ts'

const address = (device: string): string => `ip -o address show ${device} | awk '{print $4}' | grep -v ^fe80`
const hardware = (device: string): string => `cat /sys/class/net/${device}/address`
const NETWORKS = {
  inner: {
    ipam: { config: [{ subnet: '10.213.1.0/24', gateway: '10.213.1.1' }, { subnet: 'fd00:213:1::/64' }] },
    enable_ipv6: true,
  },
  second: { ipam: { config: [{ subnet: '10.213.2.0/24' }] } },
}
const SERVER = 'sh -c "mkdir /w; echo served > /w/index.html; exec httpd -f -p 80 -h /w"'

/** What a server answers, once it listens. */
const page = (host: string): string => `until wget -qO- http://${host}/ 2>/dev/null; do sleep 0.1; done`

/** Host port that a container's port is published at, from the engine. */
const published = ({ inspect }: Seen, port: string): readonly PortBinding[] => [
  ...(inspect.NetworkSettings.Ports[port] ?? []),
]

/** Namespaces, networks, names and ports. */
const PLAIN: readonly AttributeCase[] = [
  {
    service: 'network-none',
    shows: ['network_mode'],
    attributes: { network_mode: 'none' },
    inside: { 'ls /sys/class/net | tr -d "\\n"; cat /sys/class/net/lo/operstate': /^lo(unknown|up)\n$/ },
  },
  {
    service: 'network-host',
    shows: ['network_mode'],
    attributes: { network_mode: 'host' },
    inside: { 'readlink /proc/self/ns/net': `${readlinkSync('/proc/self/ns/net')}\n` },
  },
  {
    service: 'network-bridge',
    shows: ['network_mode'],
    attributes: { network_mode: 'bridge' },
    inside: { [address('eth0')]: /^\d+\.\d+\.\d+\.\d+\/\d+\n$/ },
    host: ({ inspect }) => expect(Object.keys(inspect.NetworkSettings.Networks ?? {})).toEqual(['bridge']),
  },
  {
    service: 'linked-on-bridge',
    shows: ['links', 'external_links'],
    attributes: {
      network_mode: 'bridge',
      links: ['network-bridge:old-name'],
      external_links: ['attributes-network-bridge-1:older'],
    },
    inside: {
      'grep -cE "(old-name|older) .*attributes-network-bridge-1" /etc/hosts': '2\n',
      'echo $OLD_NAME_NAME $OLDER_NAME':
        '/attributes-linked-on-bridge-1/old-name /attributes-linked-on-bridge-1/older\n',
    },
  },
  {
    service: 'network-service',
    shows: ['network_mode'],
    attributes: { network_mode: 'service:server' },
    inside: { [page('127.0.0.1')]: 'served\n' },
  },
  {
    service: 'network-container',
    shows: ['network_mode'],
    attributes: { network_mode: 'container:attributes-server', depends_on: ['server'] },
    inside: { [page('127.0.0.1')]: 'served\n' },
  },
  {
    service: 'server',
    shows: ['networks.*.aliases', 'expose'],
    attributes: {
      container_name: 'attributes-server',
      command: SERVER,
      expose: ['80', '7000-7001/udp'],
      networks: { inner: { aliases: ['also'] } },
    },
    host: ({ inspect }) =>
      expect(Object.keys(inspect.NetworkSettings.Ports).sort()).toEqual(['7000/udp', '7001/udp', '80/tcp']),
  },
  {
    service: 'placed',
    shows: [
      'networks.*.ipv4_address',
      'networks.*.ipv6_address',
      'networks.*.mac_address',
      'networks.*.link_local_ips',
      'networks.*.interface_name',
      'networks.*.priority',
      'networks.*.gw_priority',
    ],
    attributes: {
      networks: {
        inner: {
          ipv4_address: '10.213.1.77',
          ipv6_address: 'fd00:213:1::77',
          mac_address: '02:00:00:00:00:77',
          link_local_ips: ['169.254.9.9'],
          priority: 10,
        },
        second: { interface_name: 'side', gw_priority: 5 },
      },
    },
    inside: {
      [address('eth0')]: '10.213.1.77/24\n169.254.9.9/16\nfd00:213:1::77/64\n',
      [hardware('eth0')]: '02:00:00:00:00:77\n',
      'ip route | grep default': /^default via 10\.213\.2\.1 dev side/,
      [`${page('also')}; ${page('server')}`]: 'served\nserved\n',
    },
  },
  {
    service: 'hardware',
    shows: ['mac_address'],
    attributes: { mac_address: '02:00:00:00:00:78', networks: ['inner'] },
    inside: { [hardware('eth0')]: '02:00:00:00:00:78\n' },
  },
  {
    service: 'tuned',
    shows: ['networks.*.driver_opts'],
    attributes: {
      networks: { inner: { driver_opts: { 'com.docker.network.endpoint.ifname': 'named0' } } },
    },
    inside: { [address('named0')]: /^10\.213\.1\./ },
  },
  {
    service: 'names-outside',
    shows: ['extra_hosts', 'dns', 'dns_search', 'dns_opt'],
    attributes: {
      networks: ['inner'],
      extra_hosts: ['db:192.0.2.1', 'six=[2001:db8::1]', 'gate:host-gateway'],
      dns: ['192.0.2.53'],
      dns_search: ['inner.test'],
      dns_opt: ['ndots:3'],
    },
    inside: {
      'grep -E "(db|six|gate)$" /etc/hosts': /192\.0\.2\.1\tdb\n[\s\S]*2001:db8::1\tsix\n|gate/,
      'grep -E "^(search|options|nameserver)" /etc/resolv.conf | sort':
        /^nameserver 127\.0\.0\.11\noptions .*ndots:3.*\nsearch inner\.test\n$/,
    },
  },
  {
    service: 'linked',
    shows: ['links', 'external_links'],
    attributes: { networks: ['inner'], links: ['server:zz'], external_links: ['attributes-server:yy'] },
    inside: { [`${page('zz')}; ${page('yy')}`]: 'served\nserved\n' },
    host: async ({ inside }) => {
      // It alone knows them.
      expect(await inside('hardware', 'nslookup zz')).toMatch(/NXDOMAIN|can't resolve|SERVFAIL/)
    },
  },
  {
    service: 'published',
    shows: [
      'ports.target',
      'ports.published',
      'ports.host_ip',
      'ports.protocol',
      'ports.name',
      'ports.mode',
      'ports.app_protocol',
    ],
    attributes: {
      command: SERVER,
      networks: ['second'],
      ports: [
        '80',
        '127.0.0.1::80',
        '127.0.0.2:24100-24200:81',
        '24201-24202:8201-8202',
        {
          target: 80,
          host_ip: '127.0.0.1',
          published: '24203',
          protocol: 'tcp',
          name: 'web',
          mode: 'host',
          app_protocol: 'http',
        },
        '24204:82/udp',
      ],
    },
    host: async seen => {
      const web = published(seen, '80/tcp')
      expect(web.map(({ HostIp }) => HostIp).sort()).toEqual(['0.0.0.0', '127.0.0.1', '127.0.0.1', '::'])
      for (const { HostIp = '', HostPort } of web) {
        const host = HostIp === '::' ? '[::1]' : HostIp.replace('0.0.0.0', '127.0.0.1')
        await eventually(
          'it answers',
          async () => (await (await fetch(`http://${host}:${HostPort}/`)).text()) === 'served\n',
        )
      }
      expect(web.map(({ HostPort }) => HostPort)).toContain('24203')
      expect(Number(published(seen, '81/tcp')[0]?.HostPort)).toBeGreaterThanOrEqual(24100)
      expect(published(seen, '8201/tcp').map(({ HostPort }) => HostPort)).toEqual(['24201', '24201'])
      expect(published(seen, '82/udp').map(({ HostPort }) => HostPort)).toEqual(['24204', '24204'])
    },
  },
]

export const NETWORK: readonly AttributeCase[] = PLAIN.map(each => ({ ...each, top: { networks: NETWORKS } }))
