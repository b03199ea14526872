import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { present, requires } from '../../requires.ts'
import { type DockerRegistry, dockerRegistry, startRegistry } from '../harness/registry/docker-registry.ts'
import { layerOf, publish } from '../harness/registry/publish.ts'
import { LOGIN } from '../harness/registry/token-server.ts'
import { runProgram } from '../harness/run-program.ts'
import { makeSandbox, type Result, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

const DOCKER = ['/usr/local/bin/docker', '/usr/bin/docker'].find(path => existsSync(path))
const gate = requires(present('the Docker CLI', DOCKER), ...dockerRegistry)

gate.describe('the stock Docker CLI and a registry, through our engine', () => {
  let sandbox: Sandbox
  let registry: DockerRegistry
  let env: NodeJS.ProcessEnv

  beforeAll(async () => {
    registry = await startRegistry({ access: 'token' })
    sandbox = makeSandbox()
    env = {
      PATH: process.env['PATH'],
      HOME: sandbox.folder,
      DOCKER_HOST: `unix://${sandbox.socket}`,
      DOCKER_CONFIG: join(sandbox.folder, 'docker-config'),
    }
    await sandbox.busybox()
    await sandbox.hold()
  })
  afterAll(async () => {
    await sandbox.close()
    await registry.stop()
  })

  const docker = (args: readonly string[], input = ''): Promise<Result> =>
    runProgram(DOCKER ?? '', args, { env, timeout: 60_000 }, input)
  const ok = async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await docker(args)
    expect({ args, status, stderr }).toMatchObject({ status: 0 })
    return stdout.trim()
  }
  const login = (password: string): Promise<Result> =>
    docker(['login', registry.domain, '-u', LOGIN.username, '--password-stdin'], password)

  gate.test('login, push, pull by tag and digest, and logout', {}, async () => {
    showLogOnFailure(sandbox)
    const name = `${registry.domain}/private/app`
    await ok('tag', 'busybox', `${name}:v1`)
    await ok('tag', 'busybox', `${name}:v2`)
    expect((await docker(['push', `${name}:v1`])).status).not.toBe(0)
    expect((await login('wrong')).status).not.toBe(0)
    expect(await login(LOGIN.password)).toMatchObject({ status: 0 })
    const pushed = await ok('push', `${name}:v1`)
    const digest = /^v1: digest: (sha256:[0-9a-f]{64}) size: \d+$/m.exec(pushed)?.[1] ?? ''
    expect(pushed).toContain(`The push refers to repository [${name}]`)
    expect(pushed).toMatch(/^[0-9a-f]{12}: Pushed$/m)
    expect(await ok('push', '-a', name)).toMatch(/^v2: digest: sha256:/m)
    expect(await ok('push', '-q', `${name}:v1`)).toBe(`${name}:v1`)
    expect(await ok('images', '--digests', '--format', '{{.Digest}}', name)).toContain(digest)
    const id = await ok('inspect', '-f', '{{.Id}}', `${name}:v1`)
    await ok('rmi', '-f', id)
    await ok('pull', `${name}@${digest}`)
    expect(await ok('inspect', '-f', '{{.Id}}', `${name}@${digest}`)).toBe(id)
    await ok('pull', `${name}:v2`)
    expect(await ok('run', '--rm', '--network', 'none', `${name}:v2`, 'echo', 'hi')).toBe('hi')
    await ok('logout', registry.domain)
    expect((await docker(['pull', `${name}:v1`])).stderr).toContain('refuses access')
  })

  gate.test('what is not there is not pushed', {}, async () => {
    const { status, stderr } = await docker(['push', `${registry.domain}/none:v1`])
    expect(status).not.toBe(0)
    expect(stderr).toContain('does not exist locally with the tag')
  })

  gate.test('pull takes every tag with -a, and says what is new, not offered and not there', {}, async () => {
    const open = await startRegistry()
    try {
      const name = `${open.domain}/team/app`
      const published = await publish(open.domain, 'team/app', 'v1', [layerOf({ name: 'a', content: 'a' })])
      await publish(open.domain, 'team/app', 'v2', [layerOf({ name: 'b', content: 'b' })])
      expect(await ok('pull', `${name}:v1`)).toContain(`Status: Downloaded newer image for ${name}:v1`)
      expect(await ok('pull', `${name}:v1`)).toContain(`Status: Image is up to date for ${name}:v1`)
      const pinned = `${name}@${published.digest}`
      expect(await ok('pull', pinned)).toContain(`Status: Image is up to date for ${pinned}`)
      const all = await ok('pull', '-a', name)
      for (const tag of ['v1', 'v2']) expect(all).toContain(`${tag}: Pulling from team/app`)
      expect(all).toContain(`Status: Downloaded newer image for ${name}\n`)
      expect(await ok('pull', '-a', name)).toContain(`Status: Image is up to date for ${name}\n`)
      expect((await ok('images', '--format', '{{.Tag}}', name)).split('\n').sort()).toEqual(['v1', 'v2'])
      const refusals = [
        [['--platform', 'linux/s390x', `${name}:v1`], 'linux/s390x'],
        [[`${name}:none`], `manifest for ${name}:none not found: manifest unknown`],
        [[`${open.domain}/none`], `manifest for ${open.domain}/none:latest not found: manifest unknown`],
        [['-a', `${open.domain}/none`], `repository ${open.domain}/none not found`],
        [[`${registry.domain}/private/none`], `pull access denied for ${registry.domain}/private/none`],
      ] as const
      for (const [args, words] of refusals) {
        const { status, stderr } = await docker(['pull', ...args])
        expect(stderr).toContain(words)
        expect(status).toBe(1)
      }
    } finally {
      await open.stop()
    }
  })

  gate.test('search lists what a registry has', {}, async () => {
    const open = await startRegistry()
    try {
      await ok('tag', `${registry.domain}/private/app:v2`, `${open.domain}/team/findme:v1`)
      await ok('push', `${open.domain}/team/findme:v1`)
      const format = ['--format', '{{.Name}}']
      expect(await ok('search', ...format, `${open.domain}/find`)).toBe(`${open.domain}/team/findme`)
      expect(await ok('search', ...format, `${open.domain}/nothing`)).toBe('')
    } finally {
      await open.stop()
    }
  })
})
