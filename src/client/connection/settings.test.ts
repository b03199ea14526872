import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resolveSettings } from './settings.ts'

describe('where the engine is', () => {
  it.each<[string, object, string | undefined, object]>([
    ['DOCKER_HOST', {}, 'unix:///run/x.sock', { socketPath: '/run/x.sock', host: undefined }],
    ['tcp', {}, 'tcp://[::1]:2375', { protocol: 'http', host: '[::1]', port: '2375' }],
    ['no scheme', {}, '10.0.0.1:5555', { protocol: 'http', host: '10.0.0.1', port: '5555' }],
    ['tls by port', {}, 'tcp://box:2376', { protocol: 'https', host: 'box', port: '2376' }],
    ['ports by default', {}, 'https://box', { protocol: 'https', host: 'box', port: '2376' }],
    ['ports that URLs leave away', {}, 'http://box:80', { protocol: 'http', host: 'box', port: '80' }],
    ['a path of a proxy', {}, 'http://box:80/docker', { host: 'box', pathPrefix: '/docker' }],
    ['options first', { socketPath: '/a' }, 'tcp://box:1', { socketPath: '/a', host: undefined }],
    ['host and port', { host: 'box', port: 99 }, undefined, { protocol: 'http', host: 'box', port: 99 }],
    ['a URL as host', { host: 'http://box', port: '99' }, undefined, { host: 'box', port: '99' }],
    ['a protocol', { host: 'box', port: 1, protocol: 'https' }, undefined, { protocol: 'https' }],
    [
      'all that mutual TLS takes',
      { host: 'box', ca: 'a', cert: 'b', key: 'c' },
      undefined,
      { protocol: 'https', port: '2376' },
    ],
    [
      'ssh',
      {},
      'ssh://me@box:22/run/docker.sock',
      { protocol: 'ssh', host: 'box', port: '22', username: 'me', remoteSocket: '/run/docker.sock' },
    ],
    ['ssh as options', { host: 'box', protocol: 'ssh' }, undefined, { protocol: 'ssh', port: undefined }],
  ])('%s', (_, options, DOCKER_HOST, want) => {
    expect(resolveSettings(options, { DOCKER_HOST })).toMatchObject(want)
  })

  it.each(['ftp://box', 'tcp://', '::'])('refuses %s', DOCKER_HOST => {
    expect(() => resolveSettings({}, { DOCKER_HOST })).toThrow(
      expect.objectContaining({ code: 'DOCKER_HOST_INVALID' }),
    )
  })

  it('is a socket that is looked for, where nothing is said', async () => {
    for (const env of [{}, { DOCKER_HOST: '' }, { DOCKER_HOST: 'unix://' }]) {
      const { socketPath } = resolveSettings({}, env)
      if (typeof socketPath !== 'function') throw new Error('want a function')
      expect(await socketPath()).toMatch(/docker\.sock$/)
    }
  })

  it('may be told of by the variables of docker-modem', () => {
    const env = { DOCKER_HOST: 'box:1', DOCKER_CLIENT_TIMEOUT: '3000', DOCKER_PATH_PREFIX: '/x' }
    expect(resolveSettings({}, env)).toMatchObject({ timeout: 3000, pathPrefix: '/x' })
    expect(resolveSettings({ timeout: 1 }, env)).toMatchObject({ timeout: 1 })
  })

  it('by ssh has the agent of the environment, and the options of the caller', () => {
    const env = { DOCKER_HOST: 'ssh://box', SSH_AUTH_SOCK: '/agent' }
    expect(resolveSettings({ sshOptions: { foo: 'bar' } }, env).sshOptions).toEqual({
      agent: '/agent',
      foo: 'bar',
    })
    expect(resolveSettings({ agentForward: true }, env).sshOptions).toMatchObject({ agentForward: true })
  })
})

describe('certificates', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tscompose-certificates-'))
    const pem = '-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n'
    writeFileSync(join(folder, 'ca.pem'), `first\n${pem}second\n${pem}`)
    writeFileSync(join(folder, 'cert.pem'), 'cert')
    writeFileSync(join(folder, 'key.pem'), 'key')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('are those of DOCKER_CERT_PATH where DOCKER_TLS_VERIFY asks for TLS', () => {
    const env = { DOCKER_HOST: 'tcp://box:1', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder }
    const settings = resolveSettings({}, env)
    expect(settings.protocol).toBe('https')
    expect(settings.ca).toHaveLength(2)
    expect(String(settings.cert)).toBe('cert')
    expect(String(settings.key)).toBe('key')
  })

  it('are none for plain connections, and none where the caller has some', () => {
    const env = { DOCKER_HOST: 'tcp://box:1', DOCKER_CERT_PATH: folder }
    expect(resolveSettings({}, env)).toMatchObject({ protocol: 'http', key: undefined })
    const given = resolveSettings({ ca: 'own' }, { ...env, DOCKER_TLS_VERIFY: '1' })
    expect(given).toMatchObject({ ca: 'own', key: undefined })
  })

  it('that are named and cannot be read are refused', () => {
    const env = { DOCKER_HOST: 'tcp://box:2376', DOCKER_CERT_PATH: join(folder, 'none') }
    expect(() => resolveSettings({}, env)).toThrow(
      expect.objectContaining({ code: 'CERTIFICATES_UNREADABLE' }),
    )
    expect(
      resolveSettings({}, { ...env, DOCKER_CERT_PATH: undefined, DOCKER_CONFIG: folder }).ca,
    ).toHaveLength(2)
  })
})
