import { expect, test } from 'vitest'
import { parseIpv6Routes, routeClashes } from './host-routes.ts'
import { parseRoutes } from './proc-net.ts'

const ROUTES = parseRoutes(
  [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'tun0\t00000080\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0',
    'tun0\t000012AC\t00000000\t0001\t0\t0\t0\t0080FFFF\t0\t0\t0',
    'tsc-own\t000012AC\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    'br-0123456789ab\t001F12AC\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    '*\t000014AC\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
  ].join('\n'),
)

test('a route to elsewhere clashes with the subnets that it overlaps, be it wider or narrower', () => {
  const clash = { route: '172.18.0.0/17', link: 'tun0' }
  expect(routeClashes(['172.18.0.0/24', '172.19.0.0/24'], 'tsc-own', ROUTES)).toEqual([
    { subnet: '172.18.0.0/24', ...clash },
  ])
  expect(routeClashes(['172.18.0.0/16'], 'tsc-own', ROUTES)).toEqual([{ subnet: '172.18.0.0/16', ...clash }])
  expect(routeClashes(['172.20.0.0/24'], 'tsc-own', ROUTES)).toEqual([
    { subnet: '172.20.0.0/24', route: '172.20.0.0/24', link: '' },
  ])
})

test('nothing clashes with its own route, with those of everything, or with networks of other engines', () => {
  const own = ROUTES.filter(({ prefix }) => prefix.length !== 17)
  expect(routeClashes(['172.18.0.0/24', '172.18.31.0/24', '10.0.0.0/24'], 'tsc-own', own)).toEqual([])
})

test('routes of IPv6 are read, but for those of loopback', () => {
  const line = (prefix: string, length: string, link: string): string =>
    `${prefix.padEnd(32, '0')} ${length} ${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00000100 00000001 00000000 00000001 ${link}`
  const routes = parseIpv6Routes([line('fd610007', '40', 'tun0'), line('fd610008', '40', 'lo')].join('\n'))
  expect(routeClashes(['fd61:7::/64', 'fd61:8::/64'], 'tsc-own', routes)).toEqual([
    { subnet: 'fd61:7::/64', route: 'fd61:7::/64', link: 'tun0' },
  ])
})
