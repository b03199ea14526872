import { describe, expect, test } from 'vitest'
import { ambiguousEgress, parseEgress } from './egress.ts'

const HTTPS = { protocol: 'tcp', ports: { from: 443, to: 443 } }

describe('where a service may go', () => {
  test.each([
    ['host.docker.internal:5432', { host: true, protocol: 'tcp', ports: { from: 5432, to: 5432 } }],
    ['192.0.2.1:50-60', { address: '192.0.2.1', length: 32, protocol: 'tcp', ports: { from: 50, to: 60 } }],
    [
      '192.0.2.1:123/udp',
      { address: '192.0.2.1', length: 32, protocol: 'udp', ports: { from: 123, to: 123 } },
    ],
    ['10.0.0.0/8', { address: '10.0.0.0', length: 8 }],
    ['10.0.0.0/8:443', { address: '10.0.0.0', length: 8, ...HTTPS }],
    ['192.0.2.1:443/tcp', { address: '192.0.2.1', length: 32, ...HTTPS }],
    ['0.0.0.0/0:443', { address: '0.0.0.0', length: 0, ...HTTPS }],
    ['2001:db8::1', { address: '2001:db8::1', length: 128 }],
    ['2001:db8::/32', { address: '2001:db8::', length: 32 }],
    ['[2001:db8::]/32:443', { address: '2001:db8::', length: 32, ...HTTPS }],
    ['[::1]:443', { address: '::1', length: 128, ...HTTPS }],
    ['[fd00::2:80]', { address: 'fd00::2:80', length: 128 }],
    ['Deb.Debian.org.:443', { name: 'deb.debian.org', ...HTTPS }],
    ['*.example.org', { name: '*.example.org' }],
    ['münchen.de:443', { name: 'xn--mnchen-3ya.de', ...HTTPS }],
    ['MÜNCHEN.DE.', { name: 'xn--mnchen-3ya.de' }],
    ['*.例え。テスト', { name: '*.xn--r8jz45g.xn--zckzah' }],
    ['xn--mnchen-3ya.de', { name: 'xn--mnchen-3ya.de' }],
    ['*:443', { name: '*', ...HTTPS }],
    ['registry:5000-5001/udp', { name: 'registry', protocol: 'udp', ports: { from: 5000, to: 5001 } }],
  ])('%s', (text, rule) => {
    expect(parseEgress(text)).toEqual(rule)
  })

  test.each([
    '',
    ':443',
    '10.0.0.1:0',
    '10.0.0.1:70000',
    '10.0.0.1:443/sctp',
    '10.0.0.1/udp',
    'https://10.0.0.1',
    'deb.*.org',
    'mün chen.de',
    'mün%2echen.de',
    '１２７.0.0.1',
    'ü.*.de',
    '\u00ad.de',
    '*example.org',
    '*.',
    'a..b',
    'example.org/24',
    `${'a.'.repeat(120)}org`,
    '10.0.0.0/33',
    '10.0.0',
    '300.1.1.1',
    '[10.0.0.1]:443',
    '[fe80::1%lan]',
    'fe80::1%lan',
    '10.0.0.0/8/8',
    '2001:db8::/32:443',
    'fd00::2:80-90',
    'fd00::2:53/udp',
  ])('%j is nothing', text => {
    expect(parseEgress(text)).toBeUndefined()
  })

  test('an address of IPv6 whose last number may be a port is none', () => {
    expect(ambiguousEgress('fd00::2:80')).toEqual(['[fd00::2:80]', '[fd00::2]:80'])
    expect(parseEgress('fd00::2:80')).toBeUndefined()
    for (const text of ['2001:db8::1', '::1', '2001:db8:0:0:0:0:0:1', 'fd00::2:8f', '192.0.2.1:80'])
      expect(ambiguousEgress(text)).toBeUndefined()
  })
})
