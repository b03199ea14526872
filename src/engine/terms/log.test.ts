import { expect, test } from 'vitest'
import type { LogConfig } from '../../api/types/index.ts'
import { termsOf } from './index.ts'
import { refusals } from './refusals.test-support.ts'

test.each<[LogConfig | undefined, object]>([
  [undefined, { driver: 'json-file', options: {}, kept: { maxSize: 25_000_000, maxFiles: 5 } }],
  [{ Type: '' }, { driver: 'json-file', options: {}, kept: { maxSize: 25_000_000, maxFiles: 5 } }],
  [{ Type: 'none' }, { driver: 'none', options: {} }],
])('%j', (LogConfig, terms) => {
  expect(termsOf({}, { LogConfig }).log).toEqual(terms)
})

test.each<[LogConfig, object]>([
  // Docker's json-file keeps one file where a size alone is given, its driver local five.
  [{ Config: { 'max-size': '1m' } }, { maxSize: 1 << 20, maxFiles: 1 }],
  [
    { Type: 'local', Config: { 'max-size': '1m' } },
    { maxSize: 1 << 20, maxFiles: 5 },
  ],
  [{ Config: { 'max-size': '1m', 'max-file': '3' } }, { maxSize: 1 << 20, maxFiles: 3 }],
  [{ Config: { 'max-size': '-1' } }, { maxSize: 0, maxFiles: 1 }],
])('of %j is kept', (LogConfig, kept) => {
  expect(termsOf({}, { LogConfig }).log.kept).toEqual(kept)
})

test('a driver that is not here is refused', () => {
  expect(refusals({}, { LogConfig: { Type: 'syslog' } })).toEqual(['LOG_DRIVER HostConfig.LogConfig'])
})

const refused = (Type: string, Config: Record<string, string>): string[] =>
  refusals({}, { LogConfig: { Type, Config } })

test.each([
  ['max-sise', '1m'],
  ['max-size', 'many'],
  ['compress', 'maybe'],
  ['mode', 'bogus'],
  ['max-buffer-size', '1m'],
  ['max-file', '0'],
])('option %s=%s is refused, once', (option, value) => {
  for (const driver of ['', 'json-file', 'local'])
    expect(refused(driver, { [option]: value })).toEqual(['LOG_OPTION HostConfig.LogConfig'])
})

test('an option of another driver is refused, and none of what a driver has', () => {
  expect(refused('local', { labels: 'a' })).toEqual(['LOG_OPTION HostConfig.LogConfig'])
  const all = { labels: 'a', tag: 'x', mode: 'non-blocking', 'max-buffer-size': '1m', compress: 'false' }
  expect(refused('json-file', all)).toEqual([])
  expect(refused('none', { foo: 'a' })).toEqual([])
})
