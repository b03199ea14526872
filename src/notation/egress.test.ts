import { describe, expect, test } from 'vitest'
import { parseEgress } from './egress.ts'

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
    'deb.debian.org:443',
    '10.0.0.0/33',
    '10.0.0',
    '300.1.1.1',
    '[10.0.0.1]:443',
    '[fe80::1%lan]',
    'fe80::1%lan',
    '10.0.0.0/8/8',
  ])('%j is nothing', text => {
    expect(parseEgress(text)).toBeUndefined()
  })
})
