import { expect, test } from 'vitest'
import type { EndpointSettings } from '../../api/types/index.ts'
import { Failure } from '../../diagnostics/index.ts'
import { checkedMac, checkOwnSubnet, checkSettings, sysctlsOf } from './settings.ts'

function codeOf(settings: EndpointSettings): string | undefined {
  try {
    checkSettings(settings)
    return undefined
  } catch (error) {
    return error instanceof Failure ? error.code : String(error)
  }
}

test.each<[string, EndpointSettings, string | undefined]>([
  ['nothing', {}, undefined],
  [
    'right addresses',
    {
      IPAMConfig: {
        IPv4Address: '10.0.0.2',
        IPv6Address: 'fd00::2',
        LinkLocalIPs: ['169.254.1.1', 'fe80::1'],
      },
    },
    undefined,
  ],
  ['IPv6 for IPv4', { IPAMConfig: { IPv4Address: 'fd00::2' } }, 'ADDRESS_INVALID'],
  ['half an address', { IPAMConfig: { IPv4Address: '10.0.0' } }, 'ADDRESS_INVALID'],
  ['IPv4 for IPv6', { IPAMConfig: { IPv6Address: '10.0.0.2' } }, 'ADDRESS_INVALID'],
  ['a link-local address that is none', { IPAMConfig: { LinkLocalIPs: ['x'] } }, 'ADDRESS_INVALID'],
  ['an address that is not link-local', { IPAMConfig: { LinkLocalIPs: ['1.2.3.4'] } }, 'ADDRESS_INVALID'],
  ['an address of IPv6 that is not', { IPAMConfig: { LinkLocalIPs: ['fd00::1'] } }, 'ADDRESS_INVALID'],
  ['link-local addresses', { IPAMConfig: { LinkLocalIPs: ['169.254.7.7', 'fe80::77'] } }, undefined],
  ['the MAC address of nobody', { MacAddress: '00:00:00:00:00:00' }, 'MAC_ADDRESS_INVALID'],
  ['a MAC address of too few bytes', { MacAddress: '02:42' }, 'MAC_ADDRESS_INVALID'],
  [
    'the MAC address of a group, which no interface may have',
    { MacAddress: '03:42:00:00:00:01' },
    'MAC_ADDRESS_INVALID',
  ],
  [
    'a long name of an interface',
    { DriverOpts: { 'com.docker.network.endpoint.ifname': 'a'.repeat(16) } },
    'INTERFACE_NAME',
  ],
  ...['lo', 'all', 'default'].map((name): [string, object, string] => [
    `a name that the kernel keeps for itself: ${name}`,
    { DriverOpts: { 'com.docker.network.endpoint.ifname': name } },
    'INTERFACE_NAME',
  ]),
  [
    'a sysctl of another interface',
    { DriverOpts: { 'com.docker.network.endpoint.sysctls': 'net.ipv4.conf.all.forwarding=1' } },
    'ENDPOINT_OPTION',
  ],
  [
    'a sysctl that climbs out of its folder',
    { DriverOpts: { 'com.docker.network.endpoint.sysctls': 'net.ipv4.conf.IFNAME.../../x=1' } },
    'ENDPOINT_OPTION',
  ],
])('%s', (_, settings, code) => {
  expect(codeOf(settings)).toBe(code)
})

test('sysctls are those of the interface, whatever its name', () => {
  const options = {
    'com.docker.network.endpoint.sysctls':
      'net.ipv4.conf.IFNAME.log_martians=1,net.ipv6.conf.IFNAME.mtu=1400',
  }
  expect(sysctlsOf(options, 'up.1')).toEqual({
    'net/ipv4/conf/up.1/log_martians': '1',
    'net/ipv6/conf/up.1/mtu': '1400',
  })
  expect(sysctlsOf({}, 'eth0')).toEqual({})
})

test('a MAC address is written as the kernel does', () => {
  expect(checkedMac({ MacAddress: '02-42-AC-11-00-02' })).toBe('02:42:ac:11:00:02')
  expect(checkedMac({ MacAddress: '' })).toBeUndefined()
})

test.each<[string, string[], EndpointSettings['IPAMConfig'], boolean]>([
  ['no address', [], {}, true],
  ['an address in a network with a subnet', ['10.1.0.0/24'], { IPv4Address: '10.1.0.9' }, true],
  ['an address where the subnet was chosen', [], { IPv4Address: '10.1.0.9' }, false],
  ['one of IPv6 where that subnet was', ['10.1.0.0/24'], { IPv6Address: 'fd00::9' }, false],
  ['both', ['10.1.0.0/24', 'fd00::/64'], { IPv4Address: '10.1.0.9', IPv6Address: 'fd00::9' }, true],
])('%s', (_, subnets, IPAMConfig, isRight) => {
  const network = { name: 'n', ipam: { Config: subnets.map(Subnet => ({ Subnet })) } }
  const check = (): void => checkOwnSubnet(network, { ...(IPAMConfig && { IPAMConfig }) })
  if (isRight) check()
  else expect(check).toThrow(expect.objectContaining({ code: 'ADDRESS_SUBNET_CHOSEN' }))
})
