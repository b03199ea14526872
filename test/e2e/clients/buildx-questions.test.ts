import { afterAll, beforeAll, expect, test } from 'vitest'
import { present, requires } from '../../requires.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'
import { BUILDX, type Buildx, buildxIn } from './buildx.ts'

const DOCKERFILE = `# syntax=docker/dockerfile:1
ARG BASE=busybox
# base is what things stand on
FROM \${BASE} AS base
# WHO is greeted
ARG WHO=world
RUN --mount=type=secret,id=token,required --mount=type=ssh echo $WHO

FROM base
COPY file /
`

// What buildx asks of a Dockerfile, and what it is given of a client's folder.
requires(present('Docker Buildx', BUILDX)).describe('Docker Buildx asks before it builds', () => {
  let sandbox: Sandbox
  let buildx: Buildx

  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
    await sandbox.hold()
    buildx = buildxIn(sandbox)
    sandbox.write('app/Dockerfile', DOCKERFILE)
    sandbox.write('app/file', 'x')
  })
  afterAll(() => sandbox.close())

  test('what can be given to it, and what stages it has', async () => {
    showLogOnFailure(sandbox)
    const call = async (method: string, ...args: string[]): Promise<string[]> => {
      const text = await buildx.ok(['build', `--call=${method}`, ...args, 'app'])
      return text.split('\n').map(line => line.trimEnd())
    }
    expect(await call('outline', '--target', 'base', '--build-arg', 'WHO=me')).toEqual([
      'TARGET:      base',
      'DESCRIPTION: is what things stand on',
      '',
      'BUILD ARG   VALUE     DESCRIPTION',
      'BASE        busybox',
      'WHO         me        is greeted',
      '',
      'SECRET   REQUIRED',
      'token    true',
      '',
      'SSH       REQUIRED',
      'default',
    ])
    expect(await call('targets')).toEqual([
      'TARGET    DESCRIPTION',
      'base      is what things stand on',
      '(default)',
    ])
    expect(JSON.parse((await call('outline,format=json')).join('\n'))).toMatchObject({
      args: [
        { name: 'BASE', value: 'busybox', location: { ranges: [{ start: { line: 2 } }] } },
        { name: 'WHO' },
      ],
      secrets: [{ name: 'token', required: true }],
      ssh: [{ name: 'default' }],
      sources: [Buffer.from(DOCKERFILE).toString('base64')],
    })
    expect((await call('subrequests.describe')).map(line => line.split(' ')[0])).toEqual([
      'NAME',
      'outline',
      'targets',
      'subrequests.describe',
    ])
  })

  test('a check names the rule, where more is said of it, and the place', async () => {
    showLogOnFailure(sandbox)
    const checked = await buildx.run(['build', '--check', '-'], 'FROM busybox as b\nRUN true\n')
    expect(checked.status).toBe(1)
    expect(checked.stdout).toContain(
      'WARNING: FromAsCasing - https://docs.docker.com/go/dockerfile/rule/from-as-casing/\n',
    )
    expect(checked.stdout).toContain('   1 | >>> FROM busybox as b')
    const none = await buildx.ok(['build', '--call=check,format=json', 'app'])
    expect(JSON.parse(none)).toMatchObject({ warnings: null, sources: [{ filename: 'Dockerfile' }] })
  })

  test('what a build may not have is refused, as with a Docker Engine', async () => {
    showLogOnFailure(sandbox)
    const failing = async (...args: string[]): Promise<string> =>
      (await buildx.run(['build', '--progress=plain', ...args, 'app'])).stderr
    for (const name of ['security.insecure', 'device'])
      expect(await failing('--allow', name)).toContain(
        `granting entitlement ${name} is not allowed by build daemon configuration`,
      )
    expect(await failing('--cache-to', 'type=azblob,name=n')).toContain('no build cache of type=azblob')
    sandbox.write('app/Hosted', 'FROM busybox\nRUN --network=host true\n')
    await buildx.ok(['build', '--allow=network.host', '-f', 'app/Hosted', 'app'])
  })

  test('a frontend that is not here is refused with the place that names it', async () => {
    showLogOnFailure(sandbox)
    const { status, stderr } = await buildx.run(['build', '-'], '# syntax=some/thing:1\nFROM busybox\n')
    expect(status).toBe(1)
    expect(stderr).toContain('frontend "some/thing:1" is not supported')
    expect(stderr).toContain('   1 | >>> # syntax=some/thing:1')
    const given = ['build', '--build-arg', 'BUILDKIT_SYNTAX=some/thing:1', '-']
    expect(await buildx.run(given, 'FROM busybox\n')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('frontend some/thing:1 is not supported'),
    })
  })

  test('of a folder comes what the steps take, and no more', async () => {
    showLogOnFailure(sandbox)
    sandbox.write('wide/large', 'x'.repeat(3_000_000))
    sandbox.write('wide/src/a', 'a')
    sandbox.write('wide/src/b', 'b')
    sandbox.write('wide/mounted/c', 'c')
    const copies = 'COPY src/a* /\nRUN --mount=type=bind,source=mounted,target=/m cp /m/c / && ls / > /seen\n'
    sandbox.write('wide/Dockerfile', `FROM busybox\n${copies}FROM scratch\nCOPY --from=0 /a /c /\n`)
    const { status, stderr } = await buildx.run([
      ...['build', '--progress', 'rawjson', '-o', 'type=local,dest=wide-out', 'wide'],
    ])
    expect({ status, stderr: stderr.slice(-500) }).toMatchObject({ status: 0 })
    const bytes = stderr
      .split('\n')
      .filter(line => line.startsWith('{'))
      .flatMap(line => JSON.parse(line).statuses ?? [])
      .map(({ id, current }) => (id === 'transferring context:' ? current : 0))
    expect(Math.max(...bytes)).toBe(2)
    // What a trigger of the base takes comes along.
    await buildx.ok(['build', '-t', 'triggering', '-'], 'FROM busybox\nONBUILD COPY src/b /b\n')
    sandbox.write('wide/Dockerfile', 'FROM triggering\nCOPY src/a /\nRUN cat /a /b\n')
    await buildx.ok(['build', 'wide'])
  })
})
