import { describe, expect, test } from 'vitest'
import { parseDnsLine, parseRefusedName } from './dns-line.ts'

describe('a line of the relay’s log of questions', () => {
  test('is a question, with the server where one was asked', () => {
    expect(parseDnsLine('1796000000123456 42 udp 1 0 names - web 172.18.0.3,172.18.0.4')).toEqual({
      time: 1_796_000_000_123_456,
      took: 42,
      transport: 'udp',
      type: 1,
      rcode: 0,
      source: 'names',
      name: 'web',
      addresses: ['172.18.0.3', '172.18.0.4'],
    })
    expect(parseDnsLine('1 2000000 tcp 28 2 silent 2001:db8::53 a\\032b.example -')).toMatchObject({
      transport: 'tcp',
      source: 'silent',
      server: '2001:db8::53',
      name: 'a\\032b.example',
      addresses: [],
    })
    expect(parseDnsLine('1 2 udp 2 0 server 192.0.2.1 . -')).toMatchObject({ name: '' })
  })

  test('or the number of those that are missing', () => {
    expect(parseDnsLine('lost 12')).toEqual({ lost: 12 })
  })

  test.each([
    '',
    'lost',
    'lost x',
    '1 2 udp 1 0 nobody - a -',
    '1 2 sctp 1 0 names - a -',
    '1 2 udp 1 0 names - a b -',
  ])('or nothing: %j', line => {
    expect(parseDnsLine(line)).toBeUndefined()
  })
})

test('a name that was refused is a line of time, count and name', () => {
  expect(parseRefusedName('1796000000123456 3 evil.example')).toEqual({
    name: 'evil.example',
    questions: 3,
    last: 1_796_000_000_123,
  })
  for (const line of ['', '1 2', '1796000000123456 1 a b', '1796000000123456 1 a\u001b'])
    expect(parseRefusedName(line)).toBeUndefined()
})
