import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  approximateBytes,
  approximateDuration,
  binaryBytes,
  decimalBytes,
  expandPorts,
  formatDuration,
  isLaterThan,
  parseBytes,
  parseDuration,
  parseInstant,
  parseLongDuration,
  parseMoment,
  parsePort,
  parsePortRange,
  parseSwitch,
  shortBytes,
  unixSeconds,
} from './index.ts'

describe('a size', () => {
  test.each([
    ['100', 100n],
    ['64m', 64n << 20n],
    ['64MB', 64n << 20n],
    ['64 MiB', 64n << 20n],
    ['1.5k', 1536n],
    ['.5g', 1n << 29n],
    ['1e3', 1000n],
    ['2P', 2n << 50n],
    ['10b', 10n],
    ['-1', -1n],
    ['9223372036854775807', 2n ** 63n - 1n],
  ])('%s', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes)
  })

  test.each([
    '',
    'm',
    '64x',
    '64 m b',
    '1.2.3',
    '-1m',
    '9223372036854775808',
    '8192p',
    '٣',
  ])('«%s» is none', text => {
    expect(parseBytes(text)).toBeUndefined()
  })

  test('in bytes is what it was, and a unit is 1024 of the one before', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), bytes => parseBytes(String(bytes)) === bytes),
    )
    const amount = fc.bigInt(0n, 8191n)
    fc.assert(
      fc.property(amount, fc.constantFrom(...'kmgtp'), (count, unit) => {
        const smaller = { k: 'b', m: 'k', g: 'm', t: 'g', p: 't' }[unit]
        expect(parseBytes(`${count}${unit}`)).toBe(parseBytes(`${count * 1024n}${smaller}`))
      }),
    )
  })

  test('is written as short as it can be without loss', () => {
    expect([104857600n, 1536n, 1000n, 0n, -1n].map(shortBytes)).toEqual(['100m', '1536', '1000', '0', '-1'])
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), bytes => parseBytes(shortBytes(bytes)) === bytes),
    )
  })

  test('is told to people in powers of 1000', () => {
    expect([1, 1000, 999_999, 3_440_000].map(approximateBytes)).toEqual(['1 kB', '1 kB', '1000 kB', '3.4 MB'])
  })

  test('is told as Docker tells it of images, traffic and memory', () => {
    const sizes = [0, 999, 1000, 1_982_256, 123_456_789, 999_600]
    expect(sizes.map(decimalBytes)).toEqual(['0B', '999B', '1kB', '1.98MB', '123MB', '1000kB'])
    const memory = [0, 1023, 471_040, 67_108_864, 25_276_000_000, 1_047_527_424]
    expect(memory.map(binaryBytes)).toEqual(['0B', '1023B', '460KiB', '64MiB', '23.54GiB', '999MiB'])
  })
})

describe('a duration', () => {
  test.each([
    ['0', 0],
    ['1m30s', 90e9],
    ['1.5h', 5400e9],
    ['.5s', 0.5e9],
    ['4.35s', 4_350_000_000],
    ['-2ms', -2e6],
    ['+2us', 2e3],
    ['2µs', 2e3],
    ['2μs', 2e3],
    ['7ns', 7],
  ])('%s', (text, nanoseconds) => {
    expect(parseDuration(text)).toBe(nanoseconds)
    expect(parseLongDuration(text)).toBe(nanoseconds)
  })

  test.each(['', '1', 's', '1 s', '1m 30s', '1x', '--1s', '99999999h'])('«%s» is none', text => {
    expect(parseDuration(text)).toBeUndefined()
    expect(parseLongDuration(text)).toBeUndefined()
  })

  test('has days and weeks in a Compose file alone', () => {
    expect(parseLongDuration('1w1d12h')).toBe(8.5 * 86_400e9)
    expect(parseDuration('1d')).toBeUndefined()
  })

  test.each([
    [0, '0s'],
    [90e9, '1m30s'],
    [3600e9, '1h0m0s'],
    [1_500_000, '1.5ms'],
    [-90e9, '-1m30s'],
    [60_000_000_001, '1m0.000000001s'],
    [3_600_050_000_000, '1h0m0.05s'],
  ])('of %d ns is written %s', (nanoseconds, text) => {
    expect(formatDuration(nanoseconds)).toBe(text)
  })

  test('that is written is read again as what it was', () => {
    // Beyond 2^53 ns, 104 days, a number has no nanoseconds.
    const seconds = fc.integer({ min: 0, max: 9_000_000 })
    const nanoseconds = fc.oneof(
      fc.maxSafeInteger(),
      fc.tuple(seconds, fc.integer({ min: 0, max: 2000 })).map(([whole, rest]) => whole * 1e9 + rest),
    )
    fc.assert(fc.property(nanoseconds, each => parseDuration(formatDuration(each)) === each))
  })

  test.each([
    [400, 'Less than a second'],
    [Number.NaN, 'Less than a second'],
    [1000, '1 second'],
    [59_000, '59 seconds'],
    [60_000, 'About a minute'],
    [3_600_000, 'About an hour'],
    [7_200_000, '2 hours'],
    [3 * 86_400_000, '3 days'],
    [15 * 86_400_000, '2 weeks'],
  ])('of %d ms is told to people as «%s»', (milliseconds, text) => {
    expect(approximateDuration(milliseconds)).toBe(text)
  })
})

describe('a moment', () => {
  const now = Date.parse('2026-01-02T13:23:37Z')

  test.each([
    ['1700000000', 1_700_000_000_000],
    ['1700000000.25', 1_700_000_000_250],
    ['2026-01-02T13:23:37Z', now],
    ['2026-01-02T14:23:37+01:00', now],
    ['42m', now - 42 * 60_000],
    ['1h30m', now - 90 * 60_000],
    ['1.5s', now - 1500],
  ])('%s', (text, milliseconds) => {
    expect(parseMoment(text, now)).toBe(milliseconds)
  })

  test.each([
    ['1700000000.123456789', 1_700_000_000_123_456_789n],
    ['2023-11-14T22:13:20.123456789Z', 1_700_000_000_123_456_789n],
    ['2023-11-14T23:13:20.1234567899+01:00', 1_700_000_000_123_456_789n],
    ['2023-11-14T22:13:20Z', 1_700_000_000_000_000_000n],
    ['2023-11-14', 1_699_920_000_000_000_000n],
    ['1ms', BigInt(now - 1) * 1_000_000n],
  ])('«%s» has all of its digits', (text, nanoseconds) => {
    expect(parseInstant(text, now)).toBe(nanoseconds)
  })

  test('is told as the API takes it', () => {
    expect(unixSeconds(1_700_000_000_000_000_009n)).toBe('1700000000.000000009')
  })

  test('is later than another by a nanosecond', () => {
    const time = '2023-11-14T22:13:20.000000001Z'
    expect([isLaterThan(time, 1_700_000_000), isLaterThan(time, '1700000000.000000001')]).toEqual([
      true,
      false,
    ])
    expect(isLaterThan('', 0)).toBe(false)
  })

  test.each(['', 'yesterday', '1d'])('«%s» is none', text => {
    expect(parseMoment(text, now)).toBeUndefined()
  })
})

describe('a port', () => {
  test.each([
    ['0', { from: 0, to: 0 }],
    ['080', { from: 80, to: 80 }],
    ['65535', { from: 65_535, to: 65_535 }],
    ['8000-8010', { from: 8000, to: 8010 }],
    ['7-7', { from: 7, to: 7 }],
  ])('%s', (text, range) => {
    expect(parsePortRange(text)).toEqual(range)
  })

  test.each([
    '',
    '-',
    '80-',
    '-80',
    '90-80',
    '80-81-82',
    '65536',
    '1-65536',
    ' 80',
    '8.0',
    '1e3',
    '0x50',
    '٣',
  ])('«%s» is none', text => {
    expect(parsePortRange(text)).toBeUndefined()
    expect(parsePort(text)).toBeUndefined()
    expect(expandPorts(text)).toEqual([])
  })

  test('of a container has its protocol behind it, a range each of its ports', () => {
    expect(expandPorts('80')).toEqual(['80/tcp'])
    expect(expandPorts('53/UDP')).toEqual(['53/udp'])
    expect(expandPorts('3000-3002/sctp')).toEqual(['3000/sctp', '3001/sctp', '3002/sctp'])
    expect(['80/', '80/icmp', '/tcp', '80/tcp/udp', '1:80'].flatMap(expandPorts)).toEqual([])
  })
})

test('a switch is on, off or neither, in any case', () => {
  expect(['1', 't', 'True', 'TRUE'].map(parseSwitch)).toEqual([true, true, true, true])
  expect(['0', 'f', 'False', 'FALSE'].map(parseSwitch)).toEqual([false, false, false, false])
  expect(['', 'yes', '2', ' 1', undefined].map(parseSwitch)).toEqual(Array(5).fill(undefined))
})
