import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { requires, root } from '../../requires.ts'
import { type DockerRegistry, dockerRegistry, startRegistry } from '../harness/registry/docker-registry.ts'
import { LOGIN } from '../harness/registry/token-server.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

const gate = requires(root, ...dockerRegistry)

gate.describe('tscompose push', () => {
  let sandbox: Sandbox
  let registry: DockerRegistry
  beforeAll(async () => {
    registry = await startRegistry({ access: 'basic' })
    sandbox = makeSandbox()
    const { domain } = registry
    sandbox.write('one/Dockerfile', 'FROM scratch\nCOPY Dockerfile /one\n')
    sandbox.write('two/Dockerfile', 'FROM scratch\nCOPY Dockerfile /two\n')
    sandbox.write(
      'compose.yaml',
      `services:
  one: {build: {context: ./one, tags: ["${domain}/team/one:extra"]}, image: "${domain}/team/one:v1", depends_on: [two]}
  two: {build: ./two, image: "${domain}/team/two:v1"}
  nameless: {build: ./one}
`,
    )
    await sandbox.ok('build')
  })
  afterAll(async () => {
    await sandbox.close()
    await registry.stop()
  })

  function logIn(password: string): void {
    const folder = join(sandbox.env['HOME'] ?? '', '.docker')
    mkdirSync(folder, { recursive: true })
    const auth = Buffer.from(`${LOGIN.username}:${password}`).toString('base64')
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [registry.domain]: { auth } } }))
  }

  async function tagsOf(repository: string): Promise<unknown> {
    const authorization = `Basic ${Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')}`
    const address = `http://${registry.domain}/v2/${repository}/tags/list`
    const answer = await fetch(address, { headers: { authorization } })
    const { tags } = (await answer.json()) as { readonly tags?: string[] }
    return tags?.sort()
  }

  gate.test('fails where it is refused, unless failures are ignored', {}, async () => {
    showLogOnFailure(sandbox)
    logIn('wrong')
    const refused = await sandbox.run('push', 'two')
    expect(refused.status).not.toBe(0)
    expect(refused.stderr).toContain('REGISTRY_UNAUTHORIZED')
    expect(await sandbox.run('push', '--ignore-push-failures', 'two')).toMatchObject({ status: 0 })
    expect(await tagsOf('team/two')).toBeUndefined()
  })

  gate.test('sends what is built and named, with its tags, and its dependencies when asked', {}, async () => {
    showLogOnFailure(sandbox)
    logIn(LOGIN.password)
    await sandbox.ok('push', 'one')
    expect(await tagsOf('team/one')).toEqual(['extra', 'v1'])
    expect(await tagsOf('team/two')).toBeUndefined()
    await sandbox.ok('push', '-q', '--include-deps', 'one')
    expect(await tagsOf('team/two')).toEqual(['v1'])
    await sandbox.ok('push')
  })

  gate.test('is what build --push does once all is built, and not where a build fails', {}, async () => {
    showLogOnFailure(sandbox)
    logIn(LOGIN.password)
    sandbox.write('two/Dockerfile', 'FROM scratch\nCOPY missing /two\n')
    expect((await sandbox.run('build', '--push', '--build-arg', 'A=1', 'two')).stderr).not.toContain(
      'Pushing',
    )
    sandbox.write('two/Dockerfile', 'FROM scratch\nCOPY Dockerfile /two-again\n')
    const { stderr } = await sandbox.ok('build', '--push', 'two')
    expect(stderr).toMatch(/Image \S+\/team\/two:v1 +Pushed/)
  })
})
