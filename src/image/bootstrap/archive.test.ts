import { expect, test } from 'vitest'
import { parseReference } from '../../oci/reference.ts'
import { releaseOf } from './distribution.ts'
import { parseTargets, sourceLines } from './mirror.ts'

const HOST = {
  archives: [
    { uri: 'http://user:secret@mirror.example/debian/', suite: 'bookworm' },
    { uri: 'http://mirror.example/debian/', suite: 'bookworm' },
    { uri: 'http://mirror.example/debian-security/', suite: 'bookworm-security' },
  ],
  options: [],
}

test.each([
  ['debian', 'trixie', false],
  ['debian:12', 'bookworm', false],
  ['debian:bookworm-slim', 'bookworm', true],
  ['debian:stable-slim', 'trixie', true],
  ['ubuntu:22.04', 'jammy', false],
])('%s is made from %s', (name, suite, slim) => {
  expect(releaseOf(parseReference(name))).toMatchObject({ suite, slim })
})

test.each([
  'debian:12.5',
  'debian:potato',
  'nginx',
  'someone/debian:12',
  'localhost:5000/debian:12',
])('%s has no archive', name => {
  expect(releaseOf(parseReference(name))).toBeUndefined()
})

test('the sources are the mirror of the host, updates and security included, and never one with a password', () => {
  const lines = sourceLines({ distribution: 'debian', suite: 'trixie', slim: false }, HOST)
  expect(lines).toEqual([
    'deb http://mirror.example/debian/ trixie main',
    'deb http://mirror.example/debian/ trixie-updates main',
    'deb http://mirror.example/debian-security/ trixie-security main',
  ])
})

test('sid has one suite, and a dated mirror is told apart', () => {
  const host = { ...HOST, options: ['Acquire::Check-Valid-Until "false";'] }
  expect(sourceLines({ distribution: 'debian', suite: 'sid', slim: false }, host)).toEqual([
    'deb [check-valid-until=no] http://mirror.example/debian/ sid main',
  ])
})

test('a host without a mirror of that distribution leaves the choice to the tool', () => {
  expect(sourceLines({ distribution: 'ubuntu', suite: 'noble', slim: false }, HOST)).toBeUndefined()
})

test('only archives of the network count', () => {
  expect(parseTargets('file:/x bookworm\nhttp://a/debian/ sid\nhttp://a/debian/ sid\n')).toEqual([
    { uri: 'http://a/debian/', suite: 'sid' },
  ])
})
