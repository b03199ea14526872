import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { requires } from '../../requires.ts'
import {
  type DockerRegistry,
  dockerRegistry,
  type RegistryOptions,
  startRegistry,
} from '../harness/registry/docker-registry.ts'
import { LOGIN } from '../harness/registry/token-server.ts'
import { runProgram } from '../harness/run-program.ts'
import type { Result } from '../harness/sandbox.ts'

const gate = requires(...dockerRegistry)

gate.describe('login and logout', () => {
  let home: string
  let registry: DockerRegistry | undefined
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'tscompose-login-'))
  })
  afterEach(async () => {
    await registry?.stop()
    registry = undefined
    rmSync(home, { recursive: true })
  })

  async function start(options: RegistryOptions): Promise<DockerRegistry> {
    registry = await startRegistry(options)
    return registry
  }

  /** Neither an engine nor a project is needed. */
  function tscompose(args: readonly string[], input = ''): Promise<Result> {
    const env = { PATH: process.env['PATH'], HOME: home, DOCKER_HOST: 'unix:///none' }
    return runProgram(resolve('bin/tscompose'), args, { env, cwd: home }, input)
  }
  const config = (): string => readFileSync(join(home, '.docker/config.json'), 'utf8')
  const loginAs = (domain: string, password: string): Promise<Result> =>
    tscompose(['login', domain, '-u', LOGIN.username, '--password-stdin'], `${password}\n`)

  gate.test('keeps what the registry accepts, and nothing that it refuses', {}, async () => {
    const { domain } = await start({ access: 'basic' })
    const refused = await loginAs(domain, 'wrong')
    expect(refused.status).not.toBe(0)
    expect(refused.stderr).toContain('REGISTRY_UNAUTHORIZED')
    expect(existsSync(join(home, '.docker/config.json'))).toBe(false)
    expect(await loginAs(domain, LOGIN.password)).toMatchObject({ status: 0 })
    expect(statSync(join(home, '.docker/config.json')).mode & 0o777).toBe(0o600)
    expect(Buffer.from(JSON.parse(config()).auths[domain].auth, 'base64').toString()).toBe('user:pass:word')
    expect(await tscompose(['login', domain])).toMatchObject({ status: 0 })
    expect(await tscompose(['logout', domain])).toMatchObject({ status: 0 })
    expect(JSON.parse(config()).auths).toEqual({})
    expect((await tscompose(['login', domain])).stderr).toContain('LOGIN_INCOMPLETE')
  })

  gate.test('keeps a token where the registry gives one, and no password', {}, async () => {
    const { domain, tokens } = await start({ access: 'token' })
    expect(await loginAs(domain, LOGIN.password)).toMatchObject({ status: 0 })
    const { auth, identitytoken } = JSON.parse(config()).auths[domain]
    expect(identitytoken).toBe(tokens?.refreshToken)
    expect(Buffer.from(auth, 'base64').toString()).toBe(`${LOGIN.username}:`)
    expect(await tscompose(['login', domain])).toMatchObject({ status: 0 })
    expect((await loginAs(domain, 'wrong')).stderr).toContain('REGISTRY_UNAUTHORIZED')
  })

  gate.test('takes no password that stands in the process list', {}, async () => {
    const result = await tscompose(['login', 'localhost:1', '-u', 'user', '-p', 'secret'])
    expect(result.status).not.toBe(0)
    expect(result.stderr).toContain('LOGIN_OPEN_PASSWORD')
  })
})
