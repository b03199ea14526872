import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressBytes, addressFromBytes, canonicalAddress, formatAddress, parseAddress } from './address.ts'
import { containsPrefix, formatPrefix, overlaps, parsePrefix } from './prefix.ts'

describe('addresses', () => {
  test.each([
    ['0:0:0:0:0:0:0:0', '::'],
    ['2001:DB8::0:1', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::ffff:1.2.3.4', '::ffff:102:304'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['fe80::', 'fe80::'],
  ])('%s is %s in canonical form', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical)
  })

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    'fe80::1%eth0',
    '::g',
    ' 1.2.3.4',
    'localhost',
  ])('refuses %j', text => {
    expect(parseAddress(text)).toBeUndefined()
  })

  test('survive text and bytes', () => {
    const address = fc.oneof(
      fc.bigInt(0n, (1n << 32n) - 1n).map(value => ({ family: 4 as const, value })),
      fc.bigInt(0n, (1n << 128n) - 1n).map(value => ({ family: 6 as const, value })),
    )
    fc.assert(
      fc.property(address, one => {
        expect(parseAddress(formatAddress(one))).toEqual(one)
        expect(addressFromBytes(addressBytes(one))).toEqual(one)
        expect(one.family === 4 || isIPv6(formatAddress(one))).toBe(true)
      }),
    )
  })
})

describe('prefixes', () => {
  test('clear host bits', () => {
    const prefix = parsePrefix('172.18.5.9/16')
    expect(prefix && formatPrefix(prefix)).toBe('172.18.0.0/16')
  })

  test.each([
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    'fd00::/129',
    '/8',
    '10.0.0.0/ 8',
  ])('refuse %j', text => {
    expect(parsePrefix(text)).toBeUndefined()
  })

  test.each([
    ['10.0.0.0/8', '10.9.0.0/16', true],
    ['10.9.0.0/16', '10.0.0.0/8', true],
    ['10.0.0.0/9', '10.128.0.0/9', false],
    ['::/0', '10.0.0.0/8', false],
  ])('%s overlaps %s: %s', (a, b, expected) => {
    const [first, second] = [parsePrefix(a), parsePrefix(b)]
    expect(first && second && overlaps(first, second)).toBe(expected)
    expect(first && containsPrefix(first, first)).toBe(true)
  })
})
