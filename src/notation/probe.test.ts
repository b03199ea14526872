import { expect, test } from 'vitest'
import { parseProbe } from './probe.ts'

test.each([
  ['tcp', '3306', { kind: 'tcp', port: 3306 }],
  ['tcp', '127.0.0.1:80', { kind: 'tcp', address: '127.0.0.1', port: 80 }],
  ['tcp', '[::1]:80', { kind: 'tcp', address: '::1', port: 80 }],
  ['http', '80', { kind: 'http', port: 80, host: 'localhost', path: '/' }],
  ['http', '8080/a/b?c=d', { kind: 'http', port: 8080, host: 'localhost', path: '/a/b?c=d' }],
  ['http', 'http://shop.test/x', { kind: 'http', port: 80, host: 'shop.test', path: '/x' }],
  ['http', 'http://[::1]:8/', { kind: 'http', port: 8, address: '::1', host: '[::1]', path: '/' }],
  ['unix', '/run/a.sock', { kind: 'unix', path: '/run/a.sock' }],
  ['unix', '@name', { kind: 'unix', path: '@name' }],
  ['log', 'ready for connections', { kind: 'log', text: 'ready for connections' }],
])('%s: %s', (kind, text, probe) => {
  expect(parseProbe(kind, text)).toEqual(probe)
})

test.each([
  ['tcp', ''],
  ['tcp', '0'],
  ['tcp', '65536'],
  ['tcp', 'db:3306'],
  ['tcp', '::1:80'],
  ['tcp', '[db]:80'],
  ['http', 'https://x/'],
  ['http', 'shop.test/x'],
  ['http', '80/a b'],
  ['http', '80/a\r\nHost: other'],
  ['http', 'http://a b/'],
  ['http', 'http://user@x/'],
  ['unix', 'run/a.sock'],
  ['unix', '@'],
  ['unix', `/${'a'.repeat(107)}`],
  ['log', ' '],
  ['log', 'two\nlines'],
  ['udp', '53'],
])('%s: %j is none', (kind, text) => {
  expect(parseProbe(kind, text)).toBeUndefined()
})
