import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { present, requires } from '../../requires.ts'
import { type DockerRegistry, dockerRegistry, startRegistry } from '../harness/registry/docker-registry.ts'
import { LOGIN } from '../harness/registry/token-server.ts'
import { makeSandbox, type Result, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'
import { BUILDX, buildxIn } from './buildx.ts'

const gate = requires(present('Docker Buildx', BUILDX), ...dockerRegistry)

// Who the client is to a registry, its session says while a build goes on: nobody has told the engine.
gate.describe('Docker Buildx and a registry that wants to know who asks', () => {
  let sandbox: Sandbox
  let registry: DockerRegistry
  let image: string

  beforeAll(async () => {
    registry = await startRegistry({ access: 'token' })
    sandbox = makeSandbox()
    await sandbox.busybox()
    await sandbox.hold()
    image = `${registry.domain}/private/base:1`
  })
  afterAll(async () => {
    await sandbox.close()
    await registry.stop()
  })

  /** Buildx of somebody whose configuration has this for the registry. */
  const buildAs = (auth: object | undefined, args: readonly string[], text: string): Promise<Result> => {
    const config = join(sandbox.folder, '..', `config-${Object.keys(auth ?? {}).join('-')}`)
    mkdirSync(config, { recursive: true })
    const auths = auth === undefined ? {} : { [registry.domain]: auth }
    writeFileSync(join(config, 'config.json'), JSON.stringify({ auths }))
    return buildxIn(sandbox, { DOCKER_CONFIG: config }).run(['build', ...args, '-'], text)
  }
  const basic = { auth: Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64') }
  /** Makes the next build ask the registry. */
  const forget = async (): Promise<void> => {
    const docker = new Docker({ socketPath: sandbox.socket })
    await docker.getImage(image).remove({ force: true })
    docker.modem.destroy()
  }

  gate.test('pushes, and begins with what only its client may have', {}, async () => {
    showLogOnFailure(sandbox)
    expect((await buildAs(undefined, ['--push', '-t', image], 'FROM busybox\nRUN true\n')).status).not.toBe(0)
    expect(await buildAs(basic, ['--push', '-t', image], 'FROM busybox\nRUN true\n')).toMatchObject({
      status: 0,
    })
    await forget()
    const text = `FROM ${image}\nRUN true\n`
    const refused = await buildAs(undefined, [], text)
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining(`>>> FROM ${image}`) })
    expect(await buildAs(basic, [], text)).toMatchObject({ status: 0 })
  })

  gate.test('has its client fetch the token where that alone can', {}, async () => {
    showLogOnFailure(sandbox)
    expect(await buildAs(basic, ['--push', '-t', image], 'FROM busybox\nRUN true\n')).toMatchObject({
      status: 0,
    })
    await forget()
    const address = new URL(registry.tokens?.realm ?? '')
    address.searchParams.set('scope', 'repository:private/base:pull')
    const answer = await fetch(address, { headers: { authorization: `Basic ${basic.auth}` } })
    const { token } = (await answer.json()) as { readonly token: string }
    const text = `FROM ${image}\nRUN true\n`
    expect(await buildAs({ registrytoken: token }, [], text)).toMatchObject({ status: 0 })
  })
})
