import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { present, requires } from '../../requires.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'
import { BUILDX, type Buildx, buildxIn } from './buildx.ts'

// What is known of builds that have ended: by their client's metadata file, and by `buildx history`.
requires(present('Docker Buildx', BUILDX)).describe('Docker Buildx asks of past builds', () => {
  let sandbox: Sandbox
  let release: () => void
  let buildx: Buildx

  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
    release = await sandbox.hold()
    buildx = buildxIn(sandbox, { BUILDX_METADATA_PROVENANCE: 'max' })
    const step = 'RUN --mount=type=secret,id=token echo said by the step\n'
    sandbox.write('app/Dockerfile', `FROM busybox\nARG WHO\n${step}`)
  })
  afterAll(() => sandbox.close())

  const metadata = (name: string): Record<string, unknown> =>
    JSON.parse(readFileSync(join(sandbox.folder, name), 'utf8'))

  test('a metadata file says where the result comes from', async () => {
    showLogOnFailure(sandbox)
    const asked = ['--build-arg', 'WHO=me', '--label', 'a=b', '--metadata-file', 'metadata']
    await buildx.ok(['build', '-t', 'app', ...asked, 'app'])
    expect(metadata('metadata')['buildx.build.provenance']).toMatchObject({
      materials: [{ uri: expect.stringMatching(/^pkg:docker\/busybox@latest\?platform=linux%2F/) }],
      invocation: {
        configSource: { entryPoint: 'Dockerfile' },
        parameters: {
          frontend: 'dockerfile.v0',
          args: { 'build-arg:WHO': 'me', 'label:a': 'b' },
          secrets: [{ id: 'token', optional: true }],
        },
      },
      metadata: { completeness: { parameters: true } },
    })
    const platforms = ['--platform', 'linux/amd64,linux/arm64', '--metadata-file', 'many']
    await buildx.ok(['build', ...platforms, '-o', 'type=tar,dest=t.tar', '-'], 'FROM scratch\nLABEL x=y\n')
    expect(Object.keys(metadata('many'))).toEqual(
      expect.arrayContaining(['buildx.build.provenance/linux/amd64', 'buildx.build.provenance/linux/arm64']),
    )
  })

  test('an engine knows the builds of the one before it, which was killed', async () => {
    showLogOnFailure(sandbox)
    await buildx.ok(['build', '--no-cache', '--metadata-file', 'killed', 'app'])
    const ref = String(metadata('killed')['buildx.build.ref']).split('/').at(-1) ?? ''
    await sandbox.killEngine()
    release()
    await sandbox.busybox()
    release = await sandbox.hold()
    expect(await buildx.ok(['history', 'ls', '--no-trunc'])).toContain(ref)
    expect((await buildx.run(['history', 'logs', ref])).stderr).toContain('said by the step')
    const inspected = JSON.parse(await buildx.ok(['history', 'inspect', '--format', 'json', ref]))
    expect(inspected).toMatchObject({
      Name: 'app',
      Status: 'completed',
      Materials: [{ URI: expect.stringContaining('busybox') }],
      Attachments: [{ Type: 'application/vnd.docker.container.image.v1+json' }, { Type: expect.any(String) }],
    })
    const [, { Digest }] = inspected.Attachments
    expect(JSON.parse(await buildx.ok(['history', 'inspect', 'attachment', ref, Digest]))).toMatchObject({
      buildType: 'https://mobyproject.org/buildkit@v1',
    })
    await buildx.ok(['history', 'rm', ref])
    expect(await buildx.ok(['history', 'ls', '--no-trunc'])).not.toContain(ref)
  })

  test('a build that has failed is told with why', async () => {
    showLogOnFailure(sandbox)
    await buildx.run(['build', '-'], 'FROM busybox\nRUN echo said; exit 3\n')
    expect(await buildx.ok(['history', 'ls'])).toContain('Error')
    const [last = ''] = (await buildx.ok(['history', 'ls', '--format', '{{.Ref}}'])).split('\n')
    const told = await buildx.ok(['history', 'inspect', last.split('/').at(-1) ?? ''])
    expect(told).toContain('did not complete successfully: exit code: 3')
  })
})
