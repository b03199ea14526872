import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { linkSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
})
afterAll(() => sandbox.close())

/** A project of one service `app` with this `build`, and what a container of it prints. */
const compose = (build: string, others = ''): void =>
  sandbox.write(
    'compose.yaml',
    `name: cb\nservices:\n  app:\n    image: cb-app\n    build: ${build}\n${others}`,
  )
const dockerfile = (text: string): void => sandbox.write('app/Dockerfile', text)

async function output(): Promise<string> {
  await sandbox.ok('up', '--build', '--no-log-prefix', 'app')
  const { stdout } = await sandbox.ok('logs', '--no-log-prefix', 'app')
  await sandbox.ok('down')
  return stdout
}

test('additional_contexts are folders, services and images', async () => {
  sandbox.write('more/text', 'from a folder\n')
  sandbox.write('more/hidden', 'not sent\n')
  sandbox.write('more/.dockerignore', 'hidden\n')
  sandbox.write('base/Dockerfile', 'FROM busybox\nRUN echo from a service > /text\n')
  dockerfile(`FROM busybox AS replaced
RUN false
FROM base
COPY --from=more . /more/
COPY --from=more /text /folder
COPY --from=image /bin/busybox /copied
COPY --from=replaced text /stage
RUN --mount=from=more,target=/mnt cat /mnt/text > /mounted
CMD cat /text /folder /stage /mounted && ls -A /more; test -x /copied && echo copied
`)
  compose(
    '{context: app, additional_contexts: {base: "service:base", more: ./more, image: "docker-image://busybox", replaced: ./more}}',
    '  base: {build: base}\n',
  )
  expect(await output()).toBe(
    'from a service\nfrom a folder\nfrom a folder\nfrom a folder\n.dockerignore\ntext\ncopied\n',
  )
})

test('an agent of ssh answers in the RUN that mounts it, by the socket that the file names', async () => {
  const agent = createServer().listen(join(sandbox.folder, 'agent'))
  try {
    dockerfile(
      'FROM busybox\nRUN --mount=type=ssh,id=git,required test -S $SSH_AUTH_SOCK && echo there > /agent\nCMD cat /agent\n',
    )
    compose('{context: app, ssh: [git=agent]}')
    expect(await output()).toBe('there\n')
    compose('{context: app, ssh: [git=missing]}')
    const { stderr, status } = await sandbox.run('build')
    expect([stderr.includes('BUILD_SSH_INVALID'), status === 0]).toEqual([true, false])
  } finally {
    agent.close()
  }
})

test('a file with a key is answered for by an agent that is there as long as the build', async () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const text = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  sandbox.write('key', text)
  dockerfile(
    'FROM busybox\nRUN --mount=type=ssh,required test -S $SSH_AUTH_SOCK && echo a key > /agent\nCMD cat /agent\n',
  )
  compose('{context: app, ssh: [default=key]}')
  expect(await output()).toBe('a key\n')
  sandbox.write('key', 'no key')
  expect((await sandbox.run('build')).stderr).toContain('BUILD_SSH_INVALID')
})

test('FROM a folder is an image of what lies in it', async () => {
  sandbox.write('root/etc/name', 'a root\n')
  dockerfile('FROM root\nCOPY --from=busybox /bin /bin\nCMD ["/bin/cat", "/etc/name"]\n')
  compose('{context: app, additional_contexts: [root=root]}')
  expect(await output()).toBe('a root\n')
})

test('what cannot be taken as a context is refused at its line', async () => {
  dockerfile('FROM busybox\n')
  for (const source of ['oci-layout:///tmp/x', 'https://127.0.0.1:1/x.tar', './missing']) {
    compose(`\n      context: app\n      additional_contexts:\n        it: ${source}`)
    const { status, stderr } = await sandbox.run('build')
    expect([source, status]).toEqual([source, 1])
    expect(stderr).toMatch(/^error BUILD_CONTEXT_(?:UNSUPPORTED|NOT_FOUND) \S*compose\.yaml:8:13/m)
  }
})

test('no_cache_filter runs the steps of the stages that it names again, and no other', async () => {
  dockerfile(`FROM busybox AS kept
RUN cat /proc/sys/kernel/random/uuid > /kept
FROM busybox AS again
RUN cat /proc/sys/kernel/random/uuid > /again
FROM busybox
COPY --from=kept /kept /
COPY --from=again /again /
CMD cat /kept /again
`)
  compose('{context: app, no_cache_filter: [again]}')
  const [first, second] = [(await output()).split('\n'), (await output()).split('\n')]
  expect(second[0]).toBe(first[0])
  expect(second[1]).not.toBe(first[1])
})

test('secrets have the owner and mode that the file gives them, unless their mount says others', async () => {
  sandbox.write('token', 'hidden')
  dockerfile(`FROM busybox
RUN --mount=type=secret,id=token stat -c '%u %g %a' /run/secrets/token > /seen
RUN --mount=type=secret,id=token,uid=8,mode=0444 stat -c '%u %g %a' /run/secrets/token >> /seen
RUN --mount=type=secret,id=plain stat -c '%u %g %a' /run/secrets/plain >> /seen
CMD cat /seen
`)
  const secrets = 'secrets: {token: {file: ./token}}\n'
  const own = '{source: token, uid: "7", gid: "9", mode: 0440}'
  compose(`{context: app, secrets: [${own}, {source: token, target: plain}]}`, secrets)
  expect(await output()).toBe('7 9 440\n8 9 444\n0 0 400\n')
  compose(`{context: app, secrets: [{source: token, uid: "6"}, {source: token, target: plain}]}`, secrets)
  expect(await output()).toBe('6 0 400\n8 0 444\n0 0 400\n')
})

test('files with several names, pipes, devices and sparse files of archives come as they are', async () => {
  sandbox.write('app/d/a', 'one\n')
  const at = (name: string): string => join(sandbox.folder, 'app', name)
  linkSync(at('d/a'), at('d/b'))
  execFileSync('mkfifo', ['-m', '640', at('d/pipe')])
  execFileSync('mknod', [at('d/null'), 'c', '1', '3'])
  execFileSync('truncate', ['-s', '2M', join(sandbox.folder, 'sparse')])
  execFileSync('mknod', [join(sandbox.folder, 'block'), 'b', '7', '1'])
  execFileSync('tar', ['--sparse', '-cf', at('s.tar'), '-C', sandbox.folder, 'sparse', 'block'])
  dockerfile(`FROM busybox
COPY d /d
ADD --chmod=700 s.tar /s/
RUN --mount=target=/all,rw echo lost > /all/d/lost; ls /all/d > /listed
CMD cat /d/b; stat -c '%n %h %F %t %T %s' /d/* /s/*; stat -c %a /s/sparse; tail -n 2 /listed
`)
  compose('{context: app}')
  const seen = (text: string): string => `${text}
/d/a 2 regular file 0 0 4
/d/b 2 regular file 0 0 4
/d/null 1 character special file 1 3 0
/d/pipe 1 fifo 0 0 0
/s/block 1 block special file 7 1 0
/s/sparse 1 regular file 0 0 2097152
644
null
pipe
`
  expect(await output()).toBe(seen('one'))
  // Changed in its place, all its names have it; a file of its own is another one.
  sandbox.write('app/d/a', 'two\n')
  expect(await output()).toBe(seen('two'))
  rmSync(at('d/b'))
  sandbox.write('app/d/b', 'two\n')
  expect(await output()).toBe(seen('two').replaceAll(' 2 regular', ' 1 regular'))
})

test('platforms are checked where something is built, and that of the environment counts, with .env', async () => {
  dockerfile('FROM scratch\nCOPY Dockerfile /\n')
  compose('{context: app, platforms: [linux/amd64, bogus]}')
  await sandbox.ok('config', '-q')
  const { status, stderr } = await sandbox.run('build')
  expect(status).toBe(1)
  expect(stderr).toMatch(/PLATFORM_INVALID .*compose\.yaml:5:52/)
  compose('{context: app}')
  sandbox.write('.env', 'DOCKER_DEFAULT_PLATFORM=linux/s390x\n')
  await sandbox.ok('build')
  rmSync(join(sandbox.folder, '.env'))
  const inspected = await sandbox.ok('image', 'inspect', 'cb-app', '--format', '{{.Os}}/{{.Architecture}}')
  expect(inspected.stdout).toBe('linux/s390x\n')
})

test('RUN --network=host needs its entitlement', async () => {
  dockerfile('FROM busybox\nRUN --network=host true\n')
  compose('{context: app}')
  expect((await sandbox.run('build')).stderr).toMatch(/^error BUILD_ENTITLEMENT \S*Dockerfile:2:1/m)
  compose('{context: app, entitlements: [network.host]}')
  await sandbox.ok('build')
  compose('{context: app, entitlements: [network.hosts]}')
  expect((await sandbox.run('build')).stderr).toMatch(/^error BUILD_ENTITLEMENT_UNKNOWN \S*compose\.yaml:5:/m)
})

test('a failing RUN is told as BuildKit does, with its line and what it printed last', async () => {
  dockerfile('FROM busybox\nRUN echo told; exit 3\n')
  compose('{context: app}')
  const { status, stderr } = await sandbox.run('build', '--progress', 'plain')
  expect(status).toBe(3)
  expect(stderr).toMatch(/^ cb-app \| \[2\/2\] RUN echo told; exit 3\n cb-app \| told$/m)
  expect(stderr).toMatch(
    /^error BUILD_STEP_FAILED \S*app\/Dockerfile:2:1 .*did not complete successfully: exit code: 3$/m,
  )
  expect(stderr).toMatch(/^ {2}> 2 \| RUN echo told; exit 3$/m)
})

test('steps are told by number, as run or cached', async () => {
  dockerfile('FROM busybox\nRUN echo timed > /timed\n')
  compose('{context: app}')
  expect((await sandbox.ok('build')).stderr).toMatch(/^ cb-app \| \[2\/2\] DONE \d+\.\ds$/m)
  expect((await sandbox.ok('build')).stderr).toMatch(/^ cb-app \| \[2\/2\] CACHED$/m)
})

test('build --check tells what is wrong and builds nothing', async () => {
  dockerfile('FROM busybox\nRUN echo checked > /checked\n')
  compose('{context: app, tags: [cb-checked]}')
  const clean = await sandbox.ok('build', '--check')
  expect(clean.stderr).toMatch(/Check complete/)
  dockerfile('FROM busybox\nMAINTAINER somebody\n')
  const { status, stderr } = await sandbox.run('build', '--check')
  expect(status).toBe(1)
  expect(stderr).toMatch(/^error MaintainerDeprecated \S*app\/Dockerfile:2:1 /m)
})

test('build --print gives a file of bake, without an engine', async () => {
  dockerfile('FROM busybox\n')
  compose(
    '{context: app, tags: [t1], args: {A: "1"}, additional_contexts: {b: "service:base"}}',
    '  base: {build: base}\n',
  )
  const { stdout } = await sandbox.ok('build', '--print', '--build-arg', 'A=2', 'app')
  const { group, target } = JSON.parse(stdout)
  expect(group.default.targets).toEqual(['app', 'base'])
  expect(target.app).toMatchObject({
    context: `${sandbox.folder}/app`,
    contexts: { b: 'target:base' },
    dockerfile: `${sandbox.folder}/app/Dockerfile`,
    args: { A: '2' },
    tags: ['t1', 'cb-app'],
    output: ['type=docker'],
  })
})

test('flags that cannot be had are refused or told', async () => {
  dockerfile('FROM busybox\n')
  compose('{context: app}')
  const refused = await sandbox.run('build', '--builder', 'other')
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringMatching(/^error BUILDER_UNKNOWN /m)])
  const { stderr } = await sandbox.ok('build', '--sbom', 'generator=x', '--provenance', 'true')
  expect(stderr.match(/^warning \w+_NOT_APPLIED/gm)).toHaveLength(1)
})

test('--memory is all that a step can have', async () => {
  dockerfile('FROM busybox\nRUN tail /dev/zero\n')
  compose('{context: app}')
  expect((await sandbox.run('build', '--memory', '20m')).status).toBe(137)
  const wrong = await sandbox.run('build', '--memory', 'much')
  expect([wrong.status, wrong.stderr]).toEqual([1, expect.stringContaining('much')])
})

test('a failing RUN ends the command with its own exit status, and rawjson tells each step', async () => {
  compose('{context: app}')
  dockerfile('FROM busybox\nRUN echo before the end; exit 37\n')
  expect((await sandbox.run('build')).status).toBe(37)
  const { status, stderr } = await sandbox.run('build', '--progress', 'rawjson')
  expect(status).toBe(37)
  const told = stderr
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(
      line =>
        JSON.parse(line) as { vertexes?: { name: string; error?: string }[]; logs?: { data: string }[] },
    )
  const errors = told.flatMap(({ vertexes = [] }) => vertexes.filter(each => each.error !== undefined))
  expect(errors.map(({ name }) => name)).toEqual(['[app 2/2] RUN echo before the end; exit 37'])
  const said = told.flatMap(({ logs = [] }) => logs.map(({ data }) => Buffer.from(data, 'base64').toString()))
  expect(said.join('')).toBe('before the end\n')
})

test('a dozen builds at once are told without a warning of Node', async () => {
  dockerfile('FROM busybox\n')
  const services = Array.from(
    { length: 12 },
    (_, index) => `  s${index}: {image: "cb-${index}", build: app}\n`,
  )
  sandbox.write('compose.yaml', `name: cb\nservices:\n${services.join('')}`)
  expect((await sandbox.ok('build')).stderr).not.toContain('Warning')
})
