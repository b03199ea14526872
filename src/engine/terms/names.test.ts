import { expect, test } from 'vitest'
import { termsOf } from './index.ts'
import { refusals } from './refusals.test-support.ts'

test('are what was given, and nothing where it is empty', () => {
  expect(termsOf({ Hostname: 'web', Domainname: 'test' }, {}).names).toEqual({
    hostname: 'web',
    domainname: 'test',
  })
  expect(termsOf({ Hostname: '', Domainname: '' }, {}).names).toEqual({})
})

test.each(['a_b!c', '-a', 'a/b', 'x'.repeat(64)])('%j is one, as with Docker', name => {
  expect(refusals({ Hostname: name, Domainname: name }, {})).toEqual([])
})

test.each(['a b', 'a\nb', 'a#b', 'ä', 'x'.repeat(65)])('%j is no name', name => {
  expect(refusals({ Hostname: name, Domainname: name }, {})).toEqual([
    'HOSTNAME_INVALID Hostname',
    'HOSTNAME_INVALID Domainname',
  ])
})

test("a container with the host's UTS namespace has no names of its own", () => {
  expect(refusals({ Hostname: 'box', Domainname: 'test' }, { UTSMode: 'host' })).toEqual([
    'HOSTNAME_INVALID Hostname',
    'HOSTNAME_INVALID Domainname',
  ])
})

test('a container in the network of another has the hostname of that one', () => {
  const host = { NetworkMode: 'container:x' }
  expect(refusals({ Hostname: 'own' }, host)).toEqual(['NETWORK_MODE Hostname'])
  expect(refusals({ Domainname: 'd' }, host)).toEqual([])
})
