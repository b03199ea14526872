import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { credentialsForImage } from './credentials.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-docker-config-'))
  vi.stubEnv('DOCKER_CONFIG', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

function configure(config: object | string): void {
  writeFileSync(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config))
}

describe('credentials for a registry', () => {
  it('are looked for by the host of the name', async () => {
    const auth = (user: string) => ({ auth: Buffer.from(`${user}:secret`).toString('base64') })
    const hosts = ['https://index.docker.io/v1/', 'ghcr.io', 'localhost', 'host:5000']
    configure({ auths: Object.fromEntries(hosts.map(host => [host, auth(host.replaceAll(':', '_'))])) })
    const users = async (names: readonly string[]) =>
      (await Promise.all(names.map(name => credentialsForImage(name)))).map(found => found?.username)
    expect(
      await users(['debian', 'library/debian:12', 'docker.io/library/debian', 'index.docker.io/a/b']),
    ).toEqual(Array(4).fill('https_//index.docker.io/v1/'))
    expect(await users(['ghcr.io/a/b', 'localhost/a', 'host:5000/a@sha256:1', 'other.io/a'])).toEqual([
      'ghcr.io',
      'localhost',
      'host_5000',
      undefined,
    ])
  })

  it('are those of docker login', async () => {
    configure({ auths: { 'ghcr.io': { auth: Buffer.from('me:pass:word').toString('base64') } } })
    expect(await credentialsForImage('ghcr.io/a/b')).toEqual({
      serveraddress: 'ghcr.io',
      username: 'me',
      password: 'pass:word',
    })
    expect(await credentialsForImage('debian')).toBeUndefined()
  })

  it('are none without a configuration, and a failure with a broken one', async () => {
    expect(await credentialsForImage('debian')).toBeUndefined()
    configure('{')
    await expect(credentialsForImage('debian')).rejects.toMatchObject({ code: 'DOCKER_CONFIG_UNREADABLE' })
  })

  it('need the tool that the configuration names', async () => {
    configure({ credHelpers: { 'ghcr.io': 'is-not-installed-anywhere' } })
    await expect(credentialsForImage('ghcr.io/a')).rejects.toMatchObject({ code: 'CREDENTIAL_TOOL_MISSING' })
  })
})
