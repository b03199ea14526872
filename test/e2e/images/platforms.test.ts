import { afterAll, beforeAll, expect } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { requires, root } from '../../requires.ts'
import { type DockerRegistry, dockerRegistry, startRegistry } from '../harness/registry/docker-registry.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

const gate = requires(root, ...dockerRegistry)
const [own, other] = process.arch === 'arm64' ? ['arm64', 'amd64'] : ['amd64', 'arm64']
const INDEX = 'application/vnd.oci.image.index.v1+json'

interface Index {
  readonly mediaType: string
  readonly manifests: readonly { readonly digest: string; readonly platform: Record<string, string> }[]
}

gate.describe('a build for several platforms', () => {
  let sandbox: Sandbox
  let registry: DockerRegistry
  let name: string

  beforeAll(async () => {
    sandbox = makeSandbox()
    registry = await startRegistry()
    name = `${registry.domain}/team/app:v1`
    await sandbox.busybox()
    // Nothing runs for the other platform: its image has files alone.
    sandbox.write(
      'app/Dockerfile',
      `FROM --platform=$BUILDPLATFORM busybox AS tool
ARG TARGETARCH
RUN echo made for $TARGETARCH > /made
FROM scratch AS ${other}
FROM busybox AS ${own}
FROM \${TARGETARCH}
COPY --from=tool /made /made
CMD ["/bin/cat", "/made"]
`,
    )
    sandbox.write('compose.yaml', composeOf(`[linux/${other}, linux/${own}]`))
    await sandbox.ok('build')
  })
  afterAll(async () => {
    await sandbox.close()
    await registry.stop()
  })

  const composeOf = (platforms: string): string =>
    `name: mp\nservices:\n  app:\n    image: ${name}\n    build: {context: app, platforms: ${platforms}}\n`
  const imagesOf = async (command: Sandbox): Promise<readonly string[]> =>
    (await command.ok('images', '--format', 'json')).stdout.trim().split('\n')

  gate.test('runs this machine’s', {}, async () => {
    await sandbox.ok('up', '--no-log-prefix')
    expect((await sandbox.ok('logs', '--no-log-prefix')).stdout).toBe(`made for ${own}\n`)
    expect(await imagesOf(sandbox)).toHaveLength(1)
    await sandbox.ok('down')
  })

  gate.test('is pushed as an index, of which each machine pulls its own', {}, async () => {
    await sandbox.ok('push')
    const answer = await fetch(`http://${registry.domain}/v2/team/app/manifests/v1`, {
      headers: { accept: INDEX },
    })
    const index = (await answer.json()) as Index
    expect(index.mediaType).toBe(INDEX)
    expect(index.manifests.map(({ platform }) => platform)).toEqual([
      { os: 'linux', architecture: own },
      { os: 'linux', architecture: other },
    ])
    const foreign = makeSandbox()
    try {
      const pulled = async (platform: string): Promise<string> => {
        foreign.write('compose.yaml', `services: {app: {image: ${name}, platform: linux/${platform}}}\n`)
        await foreign.ok('pull')
        const image = await inspected(foreign)
        return image.Architecture
      }
      expect(await pulled(other)).toBe(other)
      expect(await pulled(own)).toBe(own)
    } finally {
      await foreign.close()
    }
  })

  async function inspected({
    socket,
    ok,
  }: Sandbox): Promise<{ Architecture: string; RepoDigests: readonly string[] }> {
    await ok('images')
    return new Docker({ socketPath: socket }).getImage(name).inspect()
  }

  gate.test('is told of by its platforms', {}, async () => {
    const architecture = async (...args: readonly string[]): Promise<string> =>
      (await sandbox.ok('image', 'inspect', '--format', '{{.Architecture}}', ...args, name)).stdout.trim()
    expect(await architecture()).toBe(own)
    expect(await architecture('--platform', `linux/${other}`)).toBe(other)
    const history = await sandbox.ok('image', 'history', '-q', '--platform', `linux/${other}`, name)
    expect(history.stdout).not.toBe((await sandbox.ok('image', 'history', '-q', name)).stdout)
    const missing = await sandbox.run('image', 'inspect', '--platform', 'linux/s390x', name)
    expect(missing.stderr).toContain('error IMAGE_PLATFORM')
  })

  gate.test('is saved, loaded and removed by its platforms', {}, async () => {
    const archOf = async (): Promise<string> =>
      (await sandbox.ok('image', 'inspect', '--format', '{{.Architecture}}', name)).stdout.trim()
    const refused = await sandbox.run('image', 'rm', '--platform', 'linux/s390x', name)
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('error IMAGE_PLATFORM')])
    await sandbox.ok('image', 'save', name, '-o', 'both.tar')
    await sandbox.ok('image', 'save', '--platform', `linux/${other}`, name, '-o', 'other.tar')
    expect((await sandbox.ok('image', 'rm', '--platform', `linux/${own}`, name)).stdout).toMatch(/^Deleted: /)
    expect(await archOf()).toBe(other)
    await sandbox.ok('image', 'rm', '-f', name)
    const missing = await sandbox.run('image', 'load', '--platform', `linux/${own}`, '-i', 'other.tar')
    expect(missing.stderr).toContain('error IMAGE_ARCHIVE_PLATFORM')
    await sandbox.ok('image', 'load', '-i', 'other.tar')
    expect(await archOf()).toBe(other)
    await sandbox.ok('image', 'load', '--platform', `linux/${own}`, '-i', 'both.tar')
    expect(await archOf()).toBe(own)
    await sandbox.ok('build')
  })

  gate.test('is one image in lists, which a pruning leaves, and goes whole', {}, async () => {
    const docker = new Docker({ socketPath: sandbox.socket })
    await sandbox.ok('up', '-d')
    const named = (await docker.listImages()).filter(({ RepoTags }) => RepoTags?.includes(name))
    expect(named).toHaveLength(1)
    const [{ Id } = { Id: '' }] = named
    const [container] = await docker.listContainers({ all: true })
    const shown = async (): Promise<readonly unknown[]> => [
      (await docker.listImages({ manifests: true })).find(image => image.Id === Id)?.Manifests,
      (await docker.getImage(name).inspect({ manifests: true })).Manifests,
    ]
    const row = (architecture: string, Containers: readonly unknown[]): object =>
      expect.objectContaining({
        Kind: 'image',
        Available: true,
        ImageData: {
          Platform: { os: 'linux', architecture },
          Containers,
          Size: { Unpacked: expect.any(Number) },
        },
      })
    const rows = [row(own, [container?.Id]), row(other, [])]
    expect(await shown()).toEqual([rows, rows])
    const { ImagesDeleted } = await docker.pruneImages()
    expect(ImagesDeleted ?? []).toEqual([])
    await sandbox.ok('down')
    await sandbox.ok('build')
    const removed = await docker.getImage(name).remove()
    expect(removed.filter(({ Untagged }) => Untagged !== undefined)).not.toEqual([])
    expect((await docker.listImages({ all: true })).filter(({ RepoTags }) => RepoTags?.length === 0)).toEqual(
      [],
    )
  })

  gate.test('refuses what this machine cannot run, at its line', {}, async () => {
    sandbox.write('app/Dockerfile', 'FROM scratch\nCOPY Dockerfile /\nRUN ["/Dockerfile"]\n')
    sandbox.write('compose.yaml', composeOf('[linux/s390x]'))
    const refused = await sandbox.run('build')
    expect(refused.status).toBe(1)
    expect(refused.stderr).toMatch(/^error PLATFORM_UNSUPPORTED \S*Dockerfile:3:1/m)
    const ordered = await sandbox.run('build', '--platform', `linux/${own},linux/s390x`)
    expect(ordered.stderr).toMatch(/^error PLATFORM_UNSUPPORTED \S*Dockerfile:3:1/m)
  })
})
