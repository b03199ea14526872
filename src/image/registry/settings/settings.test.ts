import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseReference } from '../../../oci/reference.ts'
import { type Place, readingPlaces, writingPlace } from './places.ts'
import { proxyFor } from './proxy.ts'
import { type RegistrySettings, readSettings } from './settings.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-settings-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function settings(files: Readonly<Record<string, string>>): Promise<RegistrySettings> {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const [daemon, registriesConf] = [join(folder, 'daemon.json'), join(folder, 'registries.conf')]
  return readSettings({ daemon, registriesConf, certificates: [join(folder, 'certs.d')] }, {})
}

async function placesOf(name: string, files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  return readingPlaces(parseReference(name), await settings(files)).map(shown)
}

function shown({ origins, repository, isVerified }: Place): string {
  return `${origins.join(' or ')} ${repository}${isVerified ? '' : ' unchecked'}`
}

const HUB = 'https://registry-1.docker.io library/debian'

describe('where an image is read', () => {
  test.each([
    ['debian', HUB],
    ['example.com:5000/a/b', 'https://example.com:5000 a/b'],
    ['127.0.0.1:5000/a', 'https://127.0.0.1:5000 or http://127.0.0.1:5000 a unchecked'],
  ])('%s without any file: %s', async (name, place) => {
    expect(await placesOf(name, {})).toEqual([place])
  })

  test("Docker's mirrors are for the hub alone, and come before it", async () => {
    const files = {
      'daemon.json': '{"registry-mirrors": ["https://a.example/", "http://b.example:5000"], "debug": true}',
    }
    expect(await placesOf('debian', files)).toEqual([
      'https://a.example library/debian',
      'http://b.example:5000 library/debian',
      HUB,
    ])
    expect(await placesOf('ghcr.io/a/b', files)).toEqual(['https://ghcr.io a/b'])
  })

  test("Docker's insecure registries are hosts with their port, and subnets", async () => {
    const files = { 'daemon.json': '{"insecure-registries": ["my.example:5000", "10.0.0.0/8"]}' }
    const open = async (name: string): Promise<boolean> => !(await placesOf(name, files))[0]?.includes(' or ')
    expect(await open('my.example:5000/a')).toBe(false)
    expect(await open('10.1.2.3:80/a')).toBe(false)
    expect(await open('my.example:5001/a')).toBe(true)
    expect(await open('11.1.2.3:80/a')).toBe(true)
  })

  const CONF = `
unqualified-search-registries = ["example.com"]
[[registry]]
prefix = "docker.io"
location = "hub.example/cache"
[[registry]]
prefix = "docker.io/library"
[[registry.mirror]]
location = "m1.example:5000/debs"
insecure = true
[[registry.mirror]]
location = "m2.example"
pull-from-mirror = "digest-only"
[[registry]]
prefix = "*.test"
location = "all.example/test"
[[registry]]
location = "bad.example/evil"
blocked = true
`
  test('by registries.conf, the longest prefix counts; mirrors have the rest of the name', async () => {
    const files = { 'registries.conf': CONF }
    expect(await placesOf('debian', files)).toEqual([
      'https://m1.example:5000 or http://m1.example:5000 debs/debian unchecked',
      HUB,
    ])
    const digest = `sha256:${'0'.repeat(64)}`
    expect((await placesOf(`debian@${digest}`, files))[1]).toBe('https://m2.example debian')
    expect(await placesOf('team/app', files)).toEqual(['https://hub.example cache/team/app'])
    expect(await placesOf('deep.er.test/x/y', files)).toEqual(['https://all.example test/x/y'])
  })

  test('what is blocked is neither read nor written, and a name that only begins so is', async () => {
    const blocked = parseReference('bad.example/evil/x')
    const read = await settings({ 'registries.conf': CONF })
    expect(() => readingPlaces(blocked, read)).toThrow(expect.objectContaining({ code: 'REGISTRY_BLOCKED' }))
    expect(() => writingPlace(blocked, read)).toThrow(expect.objectContaining({ code: 'REGISTRY_BLOCKED' }))
    expect(shown(writingPlace(parseReference('bad.example/evilish'), read))).toContain('evilish')
  })

  test('files of the .d folder come after it, and replace', async () => {
    const files = {
      'registries.conf': '[[registry]]\nprefix = "a.example"\nlocation = "one.example"',
      'registries.conf.d/10.conf': '[[registry]]\nprefix = "a.example"\nlocation = "two.example"',
      'registries.conf.d/20.txt': 'not read',
    }
    expect(await placesOf('a.example/x', files)).toEqual(['https://two.example x'])
  })

  test.each([
    ['daemon.json', '{"registry-mirrors": "x"}'],
    ['daemon.json', '{'],
    ['daemon.json', '{"registry-mirrors": ["mirror.example"]}'],
    ['daemon.json', '{"insecure-registries": ["10.0.0.0/99"]}'],
    ['registries.conf', '[[registry'],
    ['registries.conf', '[registry]\nprefix = "x"'],
    ['registries.conf', '[[registry]]\nblocked = true'],
  ])('%s with %j is refused by name', async (name, text) => {
    await expect(settings({ [name]: text })).rejects.toMatchObject({ code: 'REGISTRY_SETTINGS' })
  })
})

describe('certificates', () => {
  test('are those of the folder of the host with its port', async () => {
    const read = await settings({
      'certs.d/a.example:5000/ca.crt': 'CA',
      'certs.d/a.example:5000/me.cert': 'CERT',
      'certs.d/a.example:5000/me.key': 'KEY',
    })
    expect(await read.certificatesOf('a.example:5000')).toEqual({
      authorities: ['CA'],
      client: { certificate: 'CERT', key: 'KEY' },
    })
    expect(await read.certificatesOf('a.example')).toBeUndefined()
  })

  test.each(['me.cert', 'me.key'])('half a pair, %s, is refused', async name => {
    const read = await settings({ [`certs.d/a.example/${name}`]: 'X' })
    await expect(read.certificatesOf('a.example')).rejects.toMatchObject({ code: 'REGISTRY_SETTINGS' })
  })
})

describe('proxies', () => {
  const proxy = (address: string, env: Readonly<Record<string, string>>): string | undefined =>
    proxyFor(new URL(address), env)?.host

  test('are by the scheme of what is asked for, lower case first', () => {
    const env = { HTTPS_PROXY: 'http://upper:1', https_proxy: 'lower:2', HTTP_PROXY: 'http://plain:3' }
    expect(proxy('https://a.example/', env)).toBe('lower:2')
    expect(proxy('http://a.example/', env)).toBe('plain:3')
    expect(proxy('https://a.example/', {})).toBeUndefined()
    expect(proxy('https://localhost:5000/', env)).toBeUndefined()
    expect(proxy('https://127.0.0.1:5000/', env)).toBeUndefined()
  })

  test.each([
    ['*', true],
    ['example.com', true],
    ['.example.com', true],
    ['*.example.com', true],
    ['a.example.com:443', true],
    ['a.example.com:444', false],
    ['other.com, a.example.com', true],
    ['xample.com', false],
    ['', false],
  ])('NO_PROXY=%j exempts a.example.com: %s', (exempt, isExempt) => {
    const env = { https_proxy: 'http://p:1', NO_PROXY: exempt }
    expect(proxy('https://a.example.com/', env) === undefined).toBe(isExempt)
  })

  test.each([
    ['10.0.0.0/8', true],
    ['10.1.2.3', true],
    ['10.1.2.3:443', true],
    ['11.0.0.0/8', false],
    ['10.0.0.0/99', false],
    ['fd00::/8', false],
  ])('NO_PROXY=%j exempts 10.1.2.3: %s', (exempt, isExempt) => {
    const env = { https_proxy: 'http://p:1', NO_PROXY: exempt }
    expect(proxy('https://10.1.2.3/', env) === undefined).toBe(isExempt)
  })

  test('what is no address is refused', () => {
    expect(() => proxyFor(new URL('https://a.example'), { https_proxy: 'ftp://x' })).toThrow(
      expect.objectContaining({ code: 'REGISTRY_SETTINGS' }),
    )
  })
})
