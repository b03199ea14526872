import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { registryAuth, registryOf } from './registry-auth.ts'

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
  it('are looked for by the host of the name', () => {
    const hub = 'https://index.docker.io/v1/'
    expect(['debian', 'library/debian:12', 'docker.io/library/debian'].map(registryOf)).toEqual([
      hub,
      hub,
      hub,
    ])
    expect(['ghcr.io/a/b', 'localhost/a', 'host:5000/a@sha256:1'].map(registryOf)).toEqual([
      'ghcr.io',
      'localhost',
      'host:5000',
    ])
  })

  it('are those of docker login', async () => {
    configure({ auths: { 'ghcr.io': { auth: Buffer.from('me:pass:word').toString('base64') } } })
    expect(await registryAuth('ghcr.io/a/b')).toEqual({
      serveraddress: 'ghcr.io',
      username: 'me',
      password: 'pass:word',
    })
    expect(await registryAuth('debian')).toBeUndefined()
  })

  it('are none without a configuration, and a failure with a broken one', async () => {
    expect(await registryAuth('debian')).toBeUndefined()
    configure('{')
    await expect(registryAuth('debian')).rejects.toMatchObject({ code: 'DOCKER_CONFIG_UNREADABLE' })
  })

  it('need the tool that the configuration names', async () => {
    configure({ credHelpers: { 'ghcr.io': 'is-not-installed-anywhere' } })
    await expect(registryAuth('ghcr.io/a')).rejects.toMatchObject({ code: 'CREDENTIAL_TOOL_MISSING' })
  })
})
