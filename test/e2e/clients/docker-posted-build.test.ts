import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { present, requires } from '../../requires.ts'
import { runProgram } from '../harness/run-program.ts'
import { makeSandbox, type Result, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'
import { clientAt } from './calls/files.ts'

/** Debian's release, which has BuildKit's builds in itself. Name another one in DOCKER_CLI. */
const DOCKER = [
  process.env['DOCKER_CLI'] ?? '',
  resolve('node_modules/.tools/docker.io/usr/bin/docker'),
  '/usr/bin/docker',
  '/usr/local/bin/docker',
].find(path => path !== '' && existsSync(path) && clientAt(path) === '20.10')

// It builds by POST /build with version=2 and a session. Where it cannot be had, buildkit-session.test.ts does the same.
requires(present('the Docker CLI 20.10', DOCKER)).describe('DOCKER_BUILDKIT=1 docker build, 20.10', () => {
  let sandbox: Sandbox

  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
    await sandbox.hold()
  })
  afterAll(() => sandbox.close())

  const build = (args: readonly string[], input: string | Buffer = ''): Promise<Result> => {
    const env = {
      HOME: sandbox.folder,
      DOCKER_HOST: `unix://${sandbox.socket}`,
      DOCKER_BUILDKIT: '1',
      BUILDKIT_PROGRESS: 'plain',
    }
    // It takes no other signal while it waits for a session that does not come.
    const options = { env, cwd: sandbox.folder, timeout: 60_000, killSignal: 'SIGKILL' } as const
    return runProgram(DOCKER ?? '', ['build', ...args], options, input)
  }

  test('builds folders, archives and Dockerfiles with secrets, and gives ids, folders and archives', async () => {
    showLogOnFailure(sandbox)
    sandbox.write('secret', 'a secret')
    sandbox.write('app/.dockerignore', 'hidden\n')
    sandbox.write('app/hidden', 'x')
    sandbox.write('app/file', 'of the client')
    sandbox.write(
      'app/Dockerfile',
      'FROM busybox\nARG WHO\nCOPY . /app/\nRUN --mount=type=secret,id=a cat /run/secrets/a > /seen; echo "; for $WHO" >> /seen\n',
    )
    const args = ['--secret', 'id=a,src=secret', '--build-arg', 'WHO=me']
    expect(await build([...args, '-t', 'app:1', 'app'])).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('naming to docker.io/library/app:1'),
    })
    const quiet = await build([...args, '-q', '--iidfile', 'iid', 'app'])
    const id = readFileSync(join(sandbox.folder, 'iid'), 'utf8')
    expect(quiet).toMatchObject({ status: 0, stdout: `${id}\n` })
    expect(id).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(await build([...args, '-o', 'out', 'app'])).toMatchObject({ status: 0 })
    expect(readFileSync(join(sandbox.folder, 'out/seen'), 'utf8')).toBe('a secret; for me\n')
    expect(existsSync(join(sandbox.folder, 'out/app/hidden'))).toBe(false)
    const archive = execFileSync('tar', ['-c', '-C', join(sandbox.folder, 'app'), '.'])
    expect(await build(['-t', 'app:2', '-'], archive)).toMatchObject({ status: 0 })
    expect(await build(['-f', '-', 'app'], 'FROM busybox\nCOPY file /\n')).toMatchObject({ status: 0 })
  })

  test('failures end it, whenever they come', async () => {
    showLogOnFailure(sandbox)
    expect(await build(['-'], 'FROM busybox\nRUN exit 3\n')).toMatchObject({ status: 3 })
    expect(await build(['-'], 'FROM busybox\nRUNN x\n')).toMatchObject({ status: 1 })
    // What the engine refuses before it has read anything.
    expect(await build(['--platform', 'nonsense', 'app'])).toMatchObject({ status: 1 })
  })
})
