import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { present, requires } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'
import { BUILDX, type Buildx, buildxIn } from './buildx.ts'

const OWN = { SECRET: 'from the environment' }

const SSH_ADD = ['/usr/bin/ssh-add'].find(path => existsSync(path))

// `docker build` is buildx: it speaks BuildKit's protocols to the socket. Where it cannot be had, buildkit-session.test.ts speaks them.
requires(present('Docker Buildx', BUILDX)).describe('Docker Buildx against our engine', () => {
  let sandbox: Sandbox
  let release: () => void

  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
    release = await sandbox.hold()
  })
  afterAll(() => sandbox.close())

  const environment = (): NodeJS.ProcessEnv => buildxIn(sandbox, OWN).environment
  const buildx: Buildx['run'] = (args, input) => buildxIn(sandbox, OWN).run(args, input)
  const ok: Buildx['ok'] = (args, input) => buildxIn(sandbox, OWN).ok(args, input)
  const idOf = async (image: string): Promise<string> => {
    const docker = new Docker({ socketPath: sandbox.socket })
    try {
      return (await docker.getImage(image).inspect()).Id
    } finally {
      docker.modem.destroy()
    }
  }

  test('builds several stages, twice the same, and writes what it made', async () => {
    showLogOnFailure(sandbox)
    sandbox.write('app/.dockerignore', 'hidden\n')
    sandbox.write('app/hidden', 'x')
    sandbox.write('app/src/ä b', 'content')
    linkSync(join(sandbox.folder, 'app/src/ä b'), join(sandbox.folder, 'app/same'))
    sandbox.write(
      'app/Dockerfile',
      'FROM busybox AS made\nARG WHO\nRUN echo "for $WHO" > /made\nFROM busybox\nCOPY . /app/\nCOPY --from=made /made /made\nRUN test "/app/src/ä b" -ef /app/same\n',
    )
    const args = ['build', '-t', 'app:1', '--build-arg', 'WHO=me', '--label', 'b=2', '--label', 'a=1']
    await ok([...args, '--iidfile', 'iid', '--metadata-file', 'metadata', 'app'])
    const id = await idOf('app:1')
    expect(readFileSync(join(sandbox.folder, 'iid'), 'utf8')).toBe(id)
    expect(JSON.parse(readFileSync(join(sandbox.folder, 'metadata'), 'utf8'))).toMatchObject({
      'containerimage.config.digest': id,
      'containerimage.digest': id,
      'image.name': 'docker.io/library/app:1',
    })
    expect(await ok([...args, '-q', 'app'])).toBe(id)
    await ok(['build', '--build-arg', 'WHO=me', '-o', 'type=local,dest=out', 'app'])
    expect(readFileSync(join(sandbox.folder, 'out/made'), 'utf8')).toBe('for me\n')
    expect(readFileSync(join(sandbox.folder, 'out/app/src/ä b'), 'utf8')).toBe('content')
    expect(readdirSync(join(sandbox.folder, 'out/app'))).not.toContain('hidden')
    await ok(['build', '-o', 'type=tar,dest=out.tar', '--target', 'made', 'app'])
    await ok(['build', '-o', 'type=docker,dest=image.tar', '-t', 'app:2', 'app'])
    expect(existsSync(join(sandbox.folder, 'out.tar'))).toBe(true)
    const docker = new Docker({ socketPath: sandbox.socket })
    for await (const _message of await docker.loadImage(join(sandbox.folder, 'image.tar')));
    docker.modem.destroy()
    expect(await idOf('app:2')).toMatch(/^sha256:/)
  })

  test('only what has changed travels', async () => {
    showLogOnFailure(sandbox)
    sandbox.write('big/Dockerfile', 'FROM scratch\nCOPY . /\n')
    sandbox.write('big/large', 'x'.repeat(3_000_000))
    sandbox.write('big/small', 'one')
    const transferred = async (): Promise<number> => {
      const { stderr, status } = await buildx(['build', '--progress', 'rawjson', 'big'])
      expect({ status, stderr: stderr.slice(-500) }).toMatchObject({ status: 0 })
      const statuses = stderr
        .split('\n')
        .filter(line => line.startsWith('{'))
        .flatMap(line => JSON.parse(line).statuses ?? [])
      return Math.max(0, ...statuses.map(({ id, current }) => (id === 'transferring context:' ? current : 0)))
    }
    expect(await transferred()).toBeGreaterThan(3_000_000)
    // A file that is just written is not trusted to have its last content.
    await eventually('what has not changed stays away', async () => (await transferred()) < 1000)
    sandbox.write('big/small', 'two')
    expect(await transferred()).toBeLessThan(1000)
    await ok(['build', '-o', 'type=local,dest=big-out', 'big'])
    expect(readFileSync(join(sandbox.folder, 'big-out/small'), 'utf8')).toBe('two')
  })

  test('takes and gives files whose names are not UTF-8, and says so of one that is not there', async () => {
    showLogOnFailure(sandbox)
    const path = (name: string): Buffer => Buffer.from(`${sandbox.folder}/${name}`, 'latin1')
    mkdirSync(path('odd'))
    for (const name of ['a\xe9', 'a\xe8', 'b\xe9']) writeFileSync(path(`odd/${name}`), name)
    const dockerfile = (text: string): void =>
      writeFileSync(path('odd/Dockerfile'), Buffer.from(text, 'latin1'))
    dockerfile('FROM scratch\nCOPY a? /wild/\nCOPY b\xe9 /named/\n')
    await ok(['build', '-o', 'type=local,dest=odd-out', 'odd'])
    for (const name of ['wild/a\xe9', 'wild/a\xe8', 'named/b\xe9'])
      expect(readFileSync(path(`odd-out/${name}`), 'utf8')).toBe(name.slice(-2))
    dockerfile('FROM scratch\nCOPY gone\xe9 /\n')
    expect((await buildx(['build', 'odd'])).stderr).toContain('not found')
    expect(sandbox.enginePid()).toBeDefined()
  })

  test('gives secrets and agents to the steps that want them', async () => {
    showLogOnFailure(sandbox)
    const asked: Buffer[] = []
    const agent = createServer(socket => socket.on('data', bytes => asked.push(bytes)))
    const path = join(sandbox.folder, '..', 'agent')
    await new Promise<void>(resolve => agent.listen(path, resolve))
    sandbox.write('secret', 'from a file')
    sandbox.write(
      'secrets/Dockerfile',
      'FROM busybox\nRUN --mount=type=secret,id=a,required --mount=type=secret,id=b,env=B --mount=type=ssh,required \\\n  (cat /run/secrets/a; echo "; $B"; ls $SSH_AUTH_SOCK) > /seen\nRUN --mount=type=secret,id=none test ! -e /run/secrets/none\n',
    )
    const given = ['--secret', 'id=a,src=secret', '--secret', 'id=b,env=SECRET', '--ssh', `default=${path}`]
    await ok(['build', ...given, '-o', 'type=local,dest=secrets-out', 'secrets'])
    expect(readFileSync(join(sandbox.folder, 'secrets-out/seen'), 'utf8')).toBe(
      'from a file; from the environment\n/run/buildkit/ssh_agent.0\n',
    )
    await closed(agent)
    const without = await buildx(['build', '--no-cache', 'secrets'])
    expect(without).toMatchObject({ status: 1, stderr: expect.stringContaining('secret "a" is required') })
  })

  requires(present('ssh-add', SSH_ADD)).test('an agent of the client answers in a step', {}, async () => {
    showLogOnFailure(sandbox)
    const key = join(sandbox.folder, '..', 'key')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'of the test', '-f', key])
    const socket = join(sandbox.folder, '..', 'ssh-agent')
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
    try {
      await eventually('the agent listens', () => existsSync(socket))
      const env = { ...environment(), SSH_AUTH_SOCK: socket }
      await eventually('it takes the key', () => execFileSync('ssh-add', [key], { env, stdio: 'pipe' }))
      // The program with its libraries, as they are on this machine.
      const libraries = execFileSync('ldd', [SSH_ADD ?? ''], { encoding: 'utf8' }).match(/\/\S+/g) ?? []
      for (const file of [SSH_ADD ?? '', ...libraries])
        cpSync(file, join(sandbox.folder, 'agent/root', file), { dereference: true })
      const step = `RUN --mount=type=ssh,required ${SSH_ADD} -L > /keys`
      sandbox.write(
        'agent/Dockerfile',
        `FROM busybox\nCOPY root /\n${step}\nFROM scratch\nCOPY --from=0 /keys /\n`,
      )
      await ok(['build', '--ssh', `default=${socket}`, '-o', 'type=local,dest=agent-out', 'agent'])
      expect(readFileSync(join(sandbox.folder, 'agent-out/keys'), 'utf8')).toBe(
        readFileSync(`${key}.pub`, 'utf8'),
      )
    } finally {
      agent.kill()
    }
  })

  test('builds for several platforms', async () => {
    showLogOnFailure(sandbox)
    sandbox.write('many/file', 'of both')
    sandbox.write('many/Dockerfile', 'FROM scratch\nARG TARGETARCH\nCOPY file /of-$TARGETARCH\n')
    const args = ['build', '--platform', 'linux/amd64,linux/arm64']
    await ok([...args, '-t', 'many:1', '--iidfile', 'many-id', 'many'])
    expect(readFileSync(join(sandbox.folder, 'many-id'), 'utf8')).toBe(await idOf('many:1'))
    await ok([...args, '-o', 'type=local,dest=many-out', 'many'])
    for (const arch of ['amd64', 'arm64'])
      expect(readdirSync(join(sandbox.folder, `many-out/linux_${arch}`))).toEqual([`of-${arch}`])
    await ok([...args, '-o', 'type=oci,dest=many.tar', 'many'])
    mkdirSync(join(sandbox.folder, 'many-oci'))
    execFileSync('tar', ['-x', '-f', 'many.tar', '-C', 'many-oci'], { cwd: sandbox.folder })
    const index = JSON.parse(readFileSync(join(sandbox.folder, 'many-oci/index.json'), 'utf8'))
    // Buildx asks for provenance by itself, which is for no platform.
    expect(platformsIn(index, join(sandbox.folder, 'many-oci/blobs/sha256'))).toEqual([
      'amd64',
      'arm64',
      'unknown',
    ])
  })

  test('has what is said of an image in an archive of it', async () => {
    showLogOnFailure(sandbox)
    const asked = ['--provenance=true', '--sbom=true', '-o', 'type=oci,dest=said.tar']
    // Docker's own form has no place for it.
    for (const flags of [asked, ['-o', 'type=docker,dest=plain.tar']]) {
      const { status, stderr } = await buildx(
        ['build', ...flags, '-'],
        'FROM busybox\nRUN echo said > /said\n',
      )
      expect({ status, stderr: stderr.slice(-500) }).toMatchObject({ status: 0 })
    }
    interface Described {
      readonly digest: string
      readonly annotations?: Readonly<Record<string, string>>
    }
    interface Document {
      readonly manifests: readonly Described[]
      readonly layers: readonly Described[]
      readonly predicateType: string
      readonly subject: readonly object[]
    }
    const inArchive = (name: string, archive = 'said.tar'): Document =>
      JSON.parse(execFileSync('tar', ['-x', '-O', '-f', archive, name], { cwd: sandbox.folder }).toString())
    const blob = ({ digest }: Described): Document => inArchive(`blobs/${digest.replace(':', '/')}`)
    const [top = { digest: '' }] = inArchive('index.json').manifests
    const [image, said = { digest: '' }] = blob(top).manifests
    expect(inArchive('index.json', 'plain.tar').manifests[0]?.digest).toBe(image?.digest)
    expect(said.annotations).toEqual({
      'vnd.docker.reference.digest': image?.digest,
      'vnd.docker.reference.type': 'attestation-manifest',
    })
    const statements = blob(said).layers.map(blob)
    expect(statements.map(({ predicateType }) => predicateType)).toEqual([
      'https://slsa.dev/provenance/v1',
      'https://spdx.dev/Document',
    ])
    for (const { subject } of statements)
      expect(subject).toMatchObject([{ digest: { sha256: image?.digest.slice('sha256:'.length) } }])
  })

  test('warns of what it does not do', async () => {
    showLogOnFailure(sandbox)
    const caches = [
      ['--cache-from', 'type=azblob,name=of-nobody,account_url=http://127.0.0.1:1'],
      ['--cache-from', '127.0.0.1:1/nothing:here'],
    ].flat()
    const args = [
      'build',
      '--no-cache',
      '--progress',
      'rawjson',
      '--cgroup-parent',
      '/parent',
      ...caches,
      '-',
    ]
    const { status, stderr } = await buildx(args, 'FROM busybox\nRUN true\n')
    expect({ status, stderr: stderr.slice(-500) }).toMatchObject({ status: 0 })
    const warnings: string[] = stderr
      .split('\n')
      .filter(line => line.startsWith('{'))
      .flatMap(line => JSON.parse(line).warnings ?? [])
      .map(({ short }) => Buffer.from(short, 'base64').toString())
    for (const word of ['type=azblob', '"cgroup-parent"'])
      expect(warnings).toContainEqual(expect.stringContaining(word))
    // What would be lost is refused.
    expect(
      await buildx(
        ['build', '--cache-to', 'type=azblob,name=x,account_url=http://127.0.0.1:1', '-'],
        'FROM busybox\n',
      ),
    ).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('type=azblob'),
    })
    const cached = ['build', '--progress', 'plain', '--cache-from', '127.0.0.1:1/nothing:here', '-']
    expect(await buildx(cached, 'FROM busybox\nRUN echo not made yet\n')).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('no build cache is taken from "127.0.0.1:1/nothing:here"'),
    })
  })

  test('takes contexts by every way', async () => {
    showLogOnFailure(sandbox)
    sandbox.write('other/file', 'of the other')
    const dockerfile = 'FROM busybox\nCOPY --from=more file /file\n'
    await ok(
      ['build', '--build-context', 'more=other', '-f', '-', '-o', 'type=local,dest=stdin-out', 'app'],
      dockerfile,
    )
    expect(readFileSync(join(sandbox.folder, 'stdin-out/file'), 'utf8')).toBe('of the other')
    await ok(['build', '-'], 'FROM busybox\nRUN true\n')
    sandbox.write('elsewhere.Dockerfile', 'FROM busybox\nCOPY file /\n')
    await ok(['build', '-f', 'elsewhere.Dockerfile', 'other'])
    await ok(['build', '--build-context', 'base=docker-image://busybox', '-'], 'FROM base\nRUN true\n')
    expect(await buildx(['build', '-'], 'FROM busybox\nCOPY nothing /\n')).toMatchObject({ status: 1 })
  })

  test('is told the first build of an engine that remembers others', async () => {
    showLogOnFailure(sandbox)
    sandbox.write('quick/Dockerfile', 'FROM scratch\nCOPY Dockerfile /\n')
    for (let count = 0; count < 5; count += 1) await ok(['build', 'quick'])
    release()
    await eventually('the engine ends', () => sandbox.enginePid() === undefined)
    await sandbox.busybox()
    release = await sandbox.hold()
    await ok(['build', 'quick'])
  })

  test('bakes targets of which one stands on another', async () => {
    showLogOnFailure(sandbox)
    const target = (name: string, dockerfile: string, more = ''): string =>
      `target "${name}" {\n context = "other"\n tags = ["${name}:1"]\n dockerfile-inline = ${JSON.stringify(dockerfile)}\n ${more}\n}\n`
    sandbox.write(
      'bake.hcl',
      `group "default" {\n targets = ["base", "on-it", "alone"]\n}\n${target('base', 'FROM busybox\nRUN echo of the base > /base\n')}${target('on-it', 'FROM base\nCOPY file /file\nRUN cat /base\n', 'contexts = {\n base = "target:base"\n }')}${target('alone', 'FROM busybox\nCOPY file /file\n')}`,
    )
    await ok(['bake', '-f', 'bake.hcl', '--metadata-file', 'baked'])
    const baked = JSON.parse(readFileSync(join(sandbox.folder, 'baked'), 'utf8'))
    for (const name of ['base', 'on-it', 'alone'])
      expect(baked[name]['containerimage.digest']).toBe(await idOf(`${name}:1`))
  })

  test('a failing command is told with its place', async () => {
    showLogOnFailure(sandbox)
    const { status, stderr } = await buildx(['build', '-'], 'FROM busybox\nRUN echo said; exit 7\n')
    expect(status).toBe(1)
    expect(stderr).toContain('did not complete successfully: exit code: 7')
    expect(stderr).toContain('>>> RUN echo said; exit 7')
    expect(await buildx(['build', '-'], 'FROM busybox\nRUNN x\n')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('>>> RUNN x'),
    })
    sandbox.write('empty/Dockerfile', 'FROM busybox\nCOPY nosuch /\n')
    expect(await buildx(['build', 'empty'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('"/nosuch": not found'),
    })
    expect(await buildx(['build', '--check', '-'], 'from busybox\nRUN true\n')).toMatchObject({
      stdout: expect.stringContaining('ConsistentInstructionCasing'),
    })
  })

  test('a command that says very much is clipped, and its build ends well', async () => {
    showLogOnFailure(sandbox)
    const { status, stderr } = await buildx(['build', '--no-cache', '-'], 'FROM busybox\nRUN seq 1 1000000\n')
    expect({ status, end: stderr.slice(-500) }).toMatchObject({ status: 0 })
    expect(stderr).toContain('[output clipped, log limit ')
  })

  test('a client that is interrupted, or killed, takes its commands along', async () => {
    showLogOnFailure(sandbox)
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const mark = `${Math.floor(Math.random() * 1e9)}`
      const child: ChildProcess = spawn(BUILDX ?? '', ['build', '--no-cache', '-'], {
        env: environment(),
        cwd: sandbox.folder,
      })
      child.stdin?.end(`FROM busybox\nRUN sleep 1${mark}\n`)
      await eventually('the command runs', () => commandRuns(`1${mark}`))
      child.kill(signal)
      await eventually('the command has ended', () => !commandRuns(`1${mark}`))
    }
  })

  test('lists and prunes what is kept, and tells of past builds', async () => {
    showLogOnFailure(sandbox)
    expect(await ok(['ls'])).toContain('running')
    expect(await ok(['du'])).toContain('Total:')
    expect(await ok(['history', 'ls'])).toContain('Completed')
    await ok(['history', 'logs'])
    expect(await ok(['prune', '-f', '-a'])).toContain('Total:')
    rmSync(join(sandbox.folder, 'out'), { recursive: true })
  })
})

interface Manifest {
  readonly manifests?: readonly { readonly digest: string }[]
  readonly config?: { readonly digest: string }
}

/** The architectures of the images that an index leads to. */
function platformsIn(manifest: Manifest, blobs: string): readonly string[] {
  const read = (digest: string): string => readFileSync(join(blobs, digest.replace('sha256:', '')), 'utf8')
  if (manifest.config !== undefined) return [JSON.parse(read(manifest.config.digest)).architecture]
  const found = (manifest.manifests ?? []).flatMap(({ digest }) =>
    platformsIn(JSON.parse(read(digest)), blobs),
  )
  return [...new Set(found)].sort()
}

/** Whether a process of this machine sleeps for that time. */
function commandRuns(time: string): boolean {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .some(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${time}\0`
      } catch {
        // It has ended meanwhile.
        return false
      }
    })
}

function closed(server: Server): Promise<void> {
  const address: AddressInfo | string | null = server.address()
  expect(address).not.toBeNull()
  return new Promise(resolve => server.close(() => resolve()))
}
