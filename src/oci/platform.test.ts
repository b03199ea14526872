import { expect, test } from 'vitest'
import { formatPlatform, hostArchitecture, parsePlatform, platformDistance } from './platform.ts'

test.each([
  ['linux/amd64', 'linux/amd64'],
  ['linux/x86_64', 'linux/amd64'],
  ['aarch64', 'linux/arm64'],
  ['linux/arm64/v8', 'linux/arm64'],
  ['linux/arm/v6', 'linux/arm/v6'],
  ['linux/armhf', 'linux/arm/v7'],
  ['linux/arm', 'linux/arm/v7'],
  ['armel', 'linux/arm/v6'],
  ['Linux/AMD64', 'linux/amd64'],
  ['windows/amd64', 'windows/amd64'],
  ['linux/nope', 'linux/nope'],
  ['s390x', 'linux/s390x'],
])('%s is %s', (text, formatted) => {
  expect(formatPlatform(parsePlatform(text))).toBe(formatted)
})

test('an operating system alone has the architecture of this machine', () => {
  expect(parsePlatform('linux')).toEqual({ os: 'linux', architecture: hostArchitecture() })
})

test.each([
  '',
  'linux/',
  'a/b/c/d',
  'linux/am d64',
  '/amd64',
  'bogus',
  'linux,amd64',
])('"%s" is refused', text => {
  expect(() => parsePlatform(text)).toThrow(expect.objectContaining({ code: 'PLATFORM_INVALID' }))
})

test.each([
  ['linux/amd64', 'linux/amd64', 0],
  ['linux/arm/v7', 'linux/arm/v6', 1],
  ['linux/arm/v6', 'linux/arm/v7', undefined],
  ['linux/amd64/v3', 'linux/amd64', 2],
  ['linux/arm64', 'linux/arm64/v9', undefined],
  ['linux/amd64', 'linux/arm64', undefined],
  ['linux/amd64', 'windows/amd64', undefined],
  ['linux/ppc64le', 'linux/ppc64le', 0],
])('a machine of %s runs images for %s at distance %s', (wanted, offered, distance) => {
  expect(platformDistance(parsePlatform(wanted), parsePlatform(offered))).toBe(distance)
})
