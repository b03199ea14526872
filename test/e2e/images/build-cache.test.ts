import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { requires, root } from '../../requires.ts'
import { type DockerRegistry, dockerRegistry, startRegistry } from '../harness/registry/docker-registry.ts'
import { LOGIN } from '../harness/registry/token-server.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

const gate = requires(root, ...dockerRegistry)

const DOCKERFILE = `FROM scratch AS base
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
FROM base AS made
RUN head -c 100 /dev/urandom > /random && echo did-run
FROM base
COPY --from=made /random /random
RUN true && echo did-run
CMD ["md5sum", "/random"]
`

gate.describe('caches of builds', () => {
  let registry: DockerRegistry
  const machines: Sandbox[] = []

  beforeAll(async () => {
    registry = await startRegistry({ access: 'basic' })
  })
  afterAll(async () => {
    for (const machine of machines) await machine.close()
    await registry.stop()
  })

  /** Another machine: a root of its own, and the same files, written later. */
  function machine(
    build: string,
    text: string = DOCKERFILE,
    env: Readonly<Record<string, string>> = {},
  ): Sandbox {
    const made = makeSandbox({ env })
    machines.push(made)
    mkdirSync(join(made.env['HOME'] ?? '', '.docker'))
    const auth = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')
    writeFileSync(
      join(made.env['HOME'] ?? '', '.docker/config.json'),
      JSON.stringify({ auths: { [registry.domain]: { auth } } }),
    )
    made.write('app/Dockerfile', text)
    copyFileSync('/bin/busybox', join(made.folder, 'app/busybox'))
    change(made, build)
    return made
  }
  function change(made: Sandbox, build: string): void {
    made.write(
      'compose.yaml',
      `name: caches\nservices: {app: {image: "${registry.domain}/team/app:1", build: {context: app, ${build}}}}\n`,
    )
  }
  async function build(made: Sandbox, ...args: string[]): Promise<{ ran: boolean; said: string }> {
    const { stderr } = await made.ok('build', '--progress', 'plain', ...args)
    return { ran: stderr.includes('| did-run'), said: stderr }
  }
  async function output(made: Sandbox): Promise<string> {
    await made.ok('up', '--no-build', '--wait').catch(() => undefined)
    return (await made.ok('logs', '--no-log-prefix')).stdout
  }

  gate.test(
    'of a registry, with credentials, give another machine the same image without running a step',
    {},
    async () => {
      const ref = `${registry.domain}/team/cache:main`
      const first = machine(`cache_to: ["type=registry,ref=${ref},mode=max"]`)
      expect((await build(first)).ran).toBe(true)
      const second = machine(`cache_from: ["type=registry,ref=${ref}"]`)
      expect((await build(second)).ran).toBe(false)
      expect(await output(second)).toBe(await output(first))
      // A changed file is no hit, and neither is anything that stands upon it.
      writeFileSync(join(second.folder, 'app/busybox'), 'changed')
      const { status } = await second.run('build')
      expect(status).not.toBe(0)
    },
  )

  gate.test('inline in an image come with it, and an image without them is a word', {}, async () => {
    const text = DOCKERFILE.replace(/FROM base AS made\n/, '').replace(/FROM base\nCOPY --from.*\n/, '')
    const first = machine('cache_to: [type=inline]', text)
    expect((await build(first, '--push')).ran).toBe(true)
    const second = machine(`cache_from: ["${registry.domain}/team/app:1"]`, text)
    expect((await build(second)).ran).toBe(false)
    const third = machine(`cache_from: ["${registry.domain}/team/app:plain"]`, text)
    const { ran, said } = await build(third)
    expect(ran).toBe(true)
    expect(said).toContain('no build cache is taken from')
  })

  gate.test(
    'are kept in a folder, and whoever cannot write or reads wrong forms is told where',
    {},
    async () => {
      const first = machine('cache_to: ["type=local,dest=kept,mode=max"]')
      await build(first)
      const second = machine(`cache_from: ["type=local,src=${join(first.folder, 'kept')}"]`)
      expect((await build(second)).ran).toBe(false)
      change(second, 'cache_to: ["type=registry,ref=127.0.0.1:1/none"]')
      const refused = await second.run('build')
      expect(refused.status).not.toBe(0)
      expect(refused.stderr).toContain('BUILD_CACHE_EXPORT')
      change(second, 'cache_from: ["type=gha,scope=x"]')
      const unknown = (await second.run('build')).stderr
      expect(unknown).toContain('BUILD_CACHE_TYPE')
      expect(unknown).toContain('compose.yaml:2')
    },
  )

  gate.test('with SOURCE_DATE_EPOCH two machines push the same manifest', {}, async () => {
    const text = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
RUN mkdir -p /a/b && echo text > /a/b/c && ln /a/b/c /a/d && rm /bin/vi
WORKDIR /work/inner
`
    const manifest = async (): Promise<string> => {
      const auth = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')
      const answer = await fetch(`http://${registry.domain}/v2/team/app/manifests/1`, {
        headers: { authorization: `Basic ${auth}`, accept: 'application/vnd.oci.image.manifest.v1+json' },
      })
      return answer.text()
    }
    const manifests: string[] = []
    for (const args of ['args: {A: "1"}', 'args: {A: "2"}']) {
      const made = machine(args, text, { SOURCE_DATE_EPOCH: '1000000000' })
      await build(made, '--push')
      manifests.push(await manifest())
    }
    expect(manifests[0]).toContain('schemaVersion')
    expect(manifests[1]).toBe(manifests[0])
  })

  gate.test('provenance and sbom are pushed beside the image, and others pull it as before', {}, async () => {
    const text = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
RUN mkdir -p /var/lib/dpkg && printf 'Package: demo\\nVersion: 1\\nArchitecture: all\\n' > /var/lib/dpkg/status
CMD ["cat", "/var/lib/dpkg/status"]
`
    const auth = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')
    const get = async (path: string): Promise<Response> =>
      fetch(`http://${registry.domain}/v2/team/app/${path}`, {
        headers: {
          authorization: `Basic ${auth}`,
          accept: 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json',
        },
      })
    const first = machine('provenance: true, sbom: true', text)
    await build(first, '--push')
    const { manifests } = JSON.parse(await (await get('manifests/1')).text()) as {
      manifests: { digest: string; platform: object; annotations?: Record<string, string> }[]
    }
    expect(manifests.map(({ platform }) => platform)).toEqual([
      { os: 'linux', architecture: process.arch === 'x64' ? 'amd64' : process.arch },
      { os: 'unknown', architecture: 'unknown' },
    ])
    expect(manifests[1]?.annotations).toEqual({
      'vnd.docker.reference.digest': manifests[0]?.digest,
      'vnd.docker.reference.type': 'attestation-manifest',
    })
    const { layers } = JSON.parse(await (await get(`manifests/${manifests[1]?.digest}`)).text()) as {
      layers: { digest: string; annotations: Record<string, string> }[]
    }
    const statements = await Promise.all(
      layers.map(async ({ digest }) => JSON.parse(await (await get(`blobs/${digest}`)).text())),
    )
    expect(statements.map(each => each.predicateType)).toEqual([
      'https://slsa.dev/provenance/v1',
      'https://spdx.dev/Document',
    ])
    for (const { subject } of statements)
      expect(`sha256:${subject[0].digest.sha256}`).toBe(manifests[0]?.digest)
    expect(JSON.stringify(statements[1].predicate)).toContain('pkg:deb/unknown/demo@1')
    const second = machine('', text)
    await second.ok('pull')
    expect(await output(second)).toContain('Package: demo')

    // What is said of it was pulled along: somebody else's name has the very same index.
    const copy = `${registry.domain}/team/copy:1`
    await second.ok('image', 'tag', `${registry.domain}/team/app:1`, copy)
    second.write('compose.yaml', `services: {app: {image: "${copy}", build: app}}\n`)
    await second.ok('push')
    const [index, again] = [await get('manifests/1'), await get('../copy/manifests/1')]
    expect(await again.text()).toBe(await index.text())
    const blobs = [manifests[1]?.digest ?? '', ...layers.map(({ digest }) => digest)]
    for (const digest of blobs) {
      const kind = digest === blobs[0] ? 'manifests' : 'blobs'
      expect((await get(`../copy/${kind}/${digest}`)).status).toBe(200)
    }
  })
})
