import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { MEDIA_TYPE } from '../../../src/oci/media-types.ts'
import { requires } from '../../requires.ts'
import { type DockerRegistry, dockerRegistry, startRegistry } from '../harness/registry/docker-registry.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// A project goes into a registry and is read from there.
describe('publish', () => {
  let sandbox: Sandbox
  let registry: DockerRegistry
  const needing = requires(...dockerRegistry)
  beforeAll(async () => {
    sandbox = makeSandbox()
    registry = await startRegistry()
    sandbox.write(
      'compose.yaml',
      `name: shop
services:
  web: {image: shop-web, env_file: web.env, environment: {DB_PASSWORD: hunter2}, extends: {file: sub/base.yaml, service: base}}
  tool: {image: shop-tool, profiles: [tools], volumes: ["./data:/data"]}
`,
    )
    sandbox.write('sub/base.yaml', 'services: {base: {labels: {from: base}}}\n')
    sandbox.write('web.env', 'FROM_FILE=1\n')
  }, 60_000)
  afterAll(async () => {
    await registry?.stop()
    await sandbox.close()
  })

  needing.test('asks before it tells what should not be told by mistake', {}, async () => {
    const name = `${registry.domain}/shop:1`
    expect((await sandbox.run('publish', name)).stderr).toContain('PUBLISH_ENVIRONMENT')
    const { status, stderr } = await sandbox.run('publish', '--with-env', name)
    expect(status).toBe(130)
    expect(stderr).toContain('/data')
    const dry = await sandbox.ok('--dry-run', 'publish', '--with-env', '-y', name)
    expect(dry.stdout).toMatch(new RegExp(`^would publish compose.yaml in ${name}$`, 'm'))
    expect((await sandbox.run('-f', `oci://${name}`, 'config')).status).toBe(1)
  })

  needing.test('what it makes is read as the files are', {}, async () => {
    for (const [version, words] of [
      ['1.1', ['publish']],
      ['1.0', ['alpha', 'publish', '--oci-version=1.0']],
    ] as const) {
      const name = `${registry.domain}/shop:${version}`
      const { stdout } = await sandbox.ok(...words, '--with-env', '-y', name)
      expect(stdout).toMatch(new RegExp(`^${name}@sha256:[0-9a-f]{64}\\n$`))
      const services = async (...from: string[]): Promise<unknown> =>
        JSON.parse((await sandbox.ok(...from, 'config', '--format', 'json')).stdout).services
      expect(await services('-f', `oci://${name}`)).toEqual(await services())
    }
    expect(readFileSync(join(sandbox.folder, 'web.env'), 'utf8')).toBe('FROM_FILE=1\n')
  })

  needing.test('what nobody else could run is refused', {}, async () => {
    sandbox.write('built.yaml', 'services: {a: {build: .}}\n')
    const { stderr } = await sandbox.run('-f', 'built.yaml', 'alpha', 'publish', `${registry.domain}/built`)
    expect(stderr).toContain('PUBLISH_UNFIT')
  })

  needing.test('--app has the images of all services in the repository, pinned', {}, async () => {
    const { domain } = registry
    sandbox.write('image/Dockerfile', 'FROM scratch\nCOPY Dockerfile /\n')
    sandbox.write(
      'app.yaml',
      `name: app
services:
  built: {image: "${domain}/built:1", build: image}
  again: {image: "${domain}/built:1"}
`,
    )
    const app = (...words: string[]) => sandbox.ok('-f', 'app.yaml', ...words)
    await app('build')
    await app('publish', '--app', `${domain}/whole:1`)
    const read = async (what: string) => {
      const response = await fetch(`http://${domain}/v2/${what}`, {
        headers: { accept: `${MEDIA_TYPE.index}, ${MEDIA_TYPE.manifest}` },
      })
      return { status: response.status, digest: response.headers.get('docker-content-digest') ?? '' }
    }
    const image = await read('built/manifests/1')
    expect(await read(`whole/manifests/${image.digest}`)).toEqual(image)
    const put = registry.requests().filter(line => line.startsWith('PUT /v2/whole/manifests/sha256:'))
    const index = put.at(-1)?.split('/').at(-1)?.split(' ')[0] ?? ''
    const artefact = await read('whole/manifests/1')
    expect(
      await (
        await fetch(`http://${domain}/v2/whole/manifests/${index}`, { headers: { accept: MEDIA_TYPE.index } })
      ).json(),
    ).toMatchObject({
      manifests: [{ digest: image.digest }],
      subject: { mediaType: MEDIA_TYPE.manifest, digest: artefact.digest },
    })
    const { services } = JSON.parse(
      (await sandbox.ok('-f', `oci://${domain}/whole:1`, 'config', '--format', 'json')).stdout,
    )
    expect(services.built.image).toBe(`${domain}/built:1@${image.digest}`)
    expect(services.again.image).toBe(services.built.image)
    expect((await sandbox.run('-f', 'app.yaml', 'publish', '--app', `127.0.0.1:1/whole`)).status).toBe(1)
  })
})
