import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { present, requires } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { runProgram } from '../harness/run-program.ts'
import { freePort, makeSandbox, type Result, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

const DOCKER = ['/usr/local/bin/docker', '/usr/bin/docker'].find(path => existsSync(path))

/** `CLIENT_ROUNDS=50` makes thousands of what is counted. */
const ROUNDS = Number(process.env['CLIENT_ROUNDS'] ?? 1)
const NETNS = '/proc/self/ns/net'

// Our engine must be usable by clients that know nothing of it. Where no Docker CLI is installed there is nobody to ask.
requires(present('the Docker CLI', DOCKER)).describe('the stock Docker CLI against our engine', () => {
  let sandbox: Sandbox
  let env: NodeJS.ProcessEnv

  beforeAll(async () => {
    sandbox = makeSandbox()
    env = {
      PATH: process.env['PATH'],
      HOME: sandbox.folder,
      DOCKER_HOST: `unix://${sandbox.socket}`,
      DOCKER_CONFIG: join(sandbox.folder, 'docker-config'),
      DOCKER_BUILDKIT: '0',
    }
    await sandbox.busybox()
    await sandbox.hold()
  })
  afterAll(() => sandbox.close())

  const docker = (args: readonly string[], input = ''): Promise<Result> =>
    runProgram(DOCKER ?? '', args, { env, timeout: 60_000, maxBuffer: 2 ** 24 }, input)
  const ok = async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await docker(args)
    expect({ args, status, stderr }).toMatchObject({ status: 0 })
    return stdout.trim()
  }
  const SERVE = 'trap "exit 0" TERM; echo out; echo err >&2; while :; do sleep 0.1; done'

  test('version and info know each other', async () => {
    showLogOnFailure(sandbox)
    expect(await ok('version', '--format', '{{.Server.APIVersion}}')).toBe('1.51')
    expect(await ok('info', '--format', '{{.OSType}}')).toBe('linux')
  })

  test('run gives output, exit codes, and leaves nothing with --rm', async () => {
    showLogOnFailure(sandbox)
    expect(await docker(['run', '--rm', 'busybox', 'sh', '-c', 'echo out; echo err >&2; exit 3'])).toEqual({
      status: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    })
    expect(await docker(['run', '-i', '--rm', 'busybox', 'cat'], 'typed\n')).toMatchObject({
      stdout: 'typed\n',
    })
    expect(await docker(['run', '--rm', 'busybox', 'no-such-command'])).toMatchObject({ status: 127 })
    expect(await docker(['run', '--rm', 'busybox', '/etc'])).toMatchObject({ status: 126 })
    expect(await ok('ps', '-aq')).toBe('')
  })

  test('run --rm whose start fails ends, tells why, and leaves nothing', async () => {
    showLogOnFailure(sandbox)
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const { port } = holder.address() as AddressInfo
    for (const options of [
      ['-u', 'nosuch'],
      ['--mount', 'type=bind,source=/nosuch,target=/x'],
      ['-p', `127.0.0.1:${port}:80`, '-v', '/anonymous'],
    ]) {
      const result = await docker(['run', '--rm', ...options, 'busybox', 'true'])
      expect({ options, ...result }).toMatchObject({
        options,
        status: 125,
        stderr: expect.not.stringContaining('Error waiting'),
      })
      expect(await ok('ps', '-aq')).toBe('')
    }
    holder.close()
    expect(await ok('volume', 'ls', '-q')).toBe('')
  })

  test('update changes a limit of what runs, keeps the restart policy, and gives no rights', async () => {
    showLogOnFailure(sandbox)
    await ok('run', '-d', '--name', 'tuned', '--restart', 'always', 'busybox', 'sh', '-c', SERVE)
    // As Docker: without the latter the new limit is above what was given for both, which was nothing.
    await ok('update', '--memory', '64m', '--memory-swap', '128m', '--pids-limit', '50', 'tuned')
    const client = new Docker({ socketPath: sandbox.socket })
    const body = { CpuShares: 512, Privileged: true, PidMode: 'host', CapAdd: ['ALL'] }
    expect(await client.getContainer('tuned').update(body)).toMatchObject({ Warnings: { length: 3 } })
    client.modem.destroy()
    await ok('restart', '-t', '1', 'tuned')
    expect(await ok('exec', 'tuned', 'sh', '-c', 'grep CapBnd /proc/self/status; cat /proc/1/comm')).toBe(
      'CapBnd:\t00000000a80425fb\nsh',
    )
    const format = '{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{.HostConfig.RestartPolicy.Name}}'
    expect(await ok('inspect', '-f', format, 'tuned')).toBe('67108864 50 always')
    await ok('rm', '-f', 'tuned')
  })

  test('a container is seen, read, entered, stopped, started and removed', async () => {
    showLogOnFailure(sandbox)
    const id = await ok('run', '-d', '--name', 'web', '--label', 'tier=front', 'busybox', 'sh', '-c', SERVE)
    expect(
      await ok(
        'ps',
        '--no-trunc',
        '--filter',
        'label=tier=front',
        '--format',
        '{{.ID}} {{.Names}} {{.State}}',
      ),
    ).toBe(`${id} web running`)
    await eventually('the log is written', async () => (await docker(['logs', 'web'])).stderr === 'err\n')
    expect(await docker(['logs', 'web'])).toEqual({ status: 0, stdout: 'out\n', stderr: 'err\n' })
    expect(await ok('logs', '-t', 'web')).toMatch(/^\d{4}-\d\d-\d\dT[\d:]+\.\d{9}Z out$/)
    expect(JSON.parse(await ok('inspect', 'web'))).toMatchObject([{ Id: id, State: { Running: true } }])
    // Between two of them there is none.
    await eventually('it sleeps', async () => (await ok('top', 'web')).includes('sleep 0.1'))
    expect(await ok('stats', '--no-stream', '--format', '{{.Name}} {{.PIDs}}', 'web')).toMatch(/^web [12]$/)
    await ok('stop', 'web')
    expect(await ok('inspect', '-f', '{{.State.Status}} {{.State.ExitCode}}', 'web')).toBe('exited 0')
    await ok('start', 'web')
    await ok('rename', 'web', 'shop')
    await ok('kill', 'shop')
    expect(await ok('wait', 'shop')).toBe('137')
    await ok('rm', 'shop')
    expect(await docker(['inspect', 'shop'])).toMatchObject({ status: 1 })
  })

  test('exec takes input, user, folder and variables, and gives exit codes', async () => {
    showLogOnFailure(sandbox)
    await ok('run', '-d', '--name', 'box', 'busybox', 'sleep', '1000')
    expect(await docker(['exec', '-i', 'box', 'cat'], 'typed\n')).toMatchObject({
      status: 0,
      stdout: 'typed\n',
    })
    expect(
      await ok(
        'exec',
        '-w',
        '/tmp',
        '-e',
        'A=b',
        '-u',
        '7:8',
        'box',
        'sh',
        '-c',
        'pwd; echo $A; id -u; id -g',
      ),
    ).toBe('/tmp\nb\n7\n8')
    expect(await docker(['exec', 'box', 'sh', '-c', 'exit 7'])).toMatchObject({ status: 7 })
    expect(await docker(['exec', 'box', 'no-such-command'])).toMatchObject({ status: 127 })
    await ok('exec', '-d', 'box', 'touch', '/tmp/detached')
    await eventually(
      'the detached command ran',
      async () => (await docker(['exec', 'box', 'ls', '/tmp/detached'])).status === 0,
    )
    await ok('rm', '-f', 'box')
  })

  test('a terminal is one, in run and in exec', async () => {
    showLogOnFailure(sandbox)
    const terminal = (command: string): Promise<Result> =>
      new Promise(resolve => {
        const child = execFile(
          'script',
          ['-qec', `${DOCKER} ${command}`, '/dev/null'],
          { env },
          (error, stdout, stderr) => {
            resolve({ status: error ? 1 : 0, stdout, stderr })
          },
        )
        child.stdin?.end()
      })
    expect((await terminal('run --rm -t busybox tty')).stdout).toContain('/dev/pts/')
    await ok('run', '-d', '--name', 'term', 'busybox', 'sleep', '1000')
    expect((await terminal('exec -t term tty')).stdout).toContain('/dev/pts/')
    await ok('rm', '-f', 'term')
  })

  test('logs -f and events follow what happens', async () => {
    showLogOnFailure(sandbox)
    const events = spawn(
      DOCKER ?? '',
      ['events', '--format', '{{.Type}} {{.Action}} {{.Actor.Attributes.name}}'],
      { env },
    )
    let happened = ''
    events.stdout.on('data', chunk => {
      happened += chunk
    })
    await eventually('the client hears of what happens', async () => {
      await ok('volume', 'create', 'heard')
      await ok('volume', 'rm', 'heard')
      return happened.includes('volume ')
    })
    await ok(
      'run',
      '-d',
      '--name',
      'talker',
      'busybox',
      'sh',
      '-c',
      'for i in 1 2 3; do echo $i; sleep 0.1; done',
    )
    expect(await ok('logs', '-f', 'talker')).toBe('1\n2\n3')
    await ok('rm', 'talker')
    await eventually('the removal is told', () => happened.includes('container destroy talker'))
    events.kill()
    await once(events, 'close')
    const actions = [...happened.matchAll(/^container (create|start|die|destroy) talker$/gm)].map(
      ([, action]) => action,
    )
    expect(actions).toEqual(['create', 'start', 'die', 'destroy'])
  })

  test('networks give names, ports answer, volumes keep', async () => {
    showLogOnFailure(sandbox)
    const port = await freePort()
    await ok('network', 'create', 'front')
    await ok('volume', 'create', 'data')
    await ok(
      ...[
        'run',
        '-d',
        '--name',
        'store',
        '--network',
        'front',
        '--network-alias',
        'shop',
        '-v',
        'data:/data',
      ],
      ...[
        '-p',
        `127.0.0.1:${port}:80`,
        'busybox',
        'sh',
        '-c',
        'echo kept > /data/f; exec httpd -f -p 80 -h /data',
      ],
    )
    await eventually('the page is served', async () => (await fetch(`http://127.0.0.1:${port}/f`)).ok)
    expect(await ok('run', '--rm', '--network', 'front', 'busybox', 'wget', '-qO-', 'http://shop/f')).toBe(
      'kept',
    )
    expect(await ok('port', 'store')).toBe(`80/tcp -> 127.0.0.1:${port}`)
    expect(await docker(['network', 'rm', 'front'])).toMatchObject({ status: 1 })
    await ok('rm', '-f', 'store')
    expect(await ok('run', '--rm', '-v', 'data:/data', 'busybox', 'cat', '/data/f')).toBe('kept')
    await ok('network', 'rm', 'front')
    await ok('volume', 'rm', 'data')
  })

  test('cp goes in and out, before the first start too', async () => {
    showLogOnFailure(sandbox)
    sandbox.write('note', 'from outside\n')
    await ok('create', '--name', 'files', 'busybox', 'cat', '/tmp/note')
    await ok('cp', join(sandbox.folder, 'note'), 'files:/tmp/')
    expect(await ok('start', '-a', 'files')).toBe('from outside')
    await ok('cp', 'files:/tmp/note', join(sandbox.folder, 'back'))
    expect(readFileSync(join(sandbox.folder, 'back'), 'utf8')).toBe('from outside\n')
    await ok('rm', 'files')
  })

  test(
    'exec and attach give every byte of every round, four at once',
    async () => {
      showLogOnFailure(sandbox)
      await ok('run', '-d', '--name', 'talker', 'busybox', 'sleep', '1000')
      const bytes = 300_002
      const both = `yes out | head -c ${bytes} & yes err | head -c ${bytes} >&2; wait`
      const input = randomBytes(bytes / 2).toString('hex')
      const whole = { status: 0, stdout: 'out\n'.repeat(bytes).slice(0, bytes) }
      const told = { ...whole, stderr: 'err\n'.repeat(bytes).slice(0, bytes) }
      const echoed = { status: 0, stdout: input, stderr: '' }
      // Whole texts are compared, and not shown: a failure would be megabytes.
      const same = (answer: Result, wanted: Result): boolean =>
        answer.status === wanted.status && answer.stdout === wanted.stdout && answer.stderr === wanted.stderr
      const round = async (): Promise<boolean[]> => [
        same(await docker(['exec', 'talker', 'sh', '-c', both]), told),
        same(await docker(['exec', '-i', 'talker', 'cat'], input), echoed),
        same(await docker(['run', '--rm', 'busybox', 'sh', '-c', both]), told),
        same(await docker(['run', '--rm', '-i', 'busybox', 'cat'], input), echoed),
        same(await docker(['exec', 'talker', 'echo', 'brief']), { status: 0, stdout: 'brief\n', stderr: '' }),
      ]
      const lane = async (): Promise<boolean[]> => {
        const results: boolean[] = []
        for (let left = 2 * ROUNDS; left > 0; left--) results.push(...(await round()))
        return results
      }
      const results = (await Promise.all([lane(), lane(), lane(), lane()])).flat()
      expect(results).toEqual(Array.from({ length: 40 * ROUNDS }, () => true))
      await ok('rm', '-f', 'talker')
    },
    120_000 * ROUNDS,
  )

  test('the network of the host, with a terminal', async () => {
    showLogOnFailure(sandbox)
    const host = ['run', '--rm', '--network', 'host']
    expect(await ok(...host, 'busybox', 'readlink', NETNS)).toBe(readlinkSync(NETNS))
    expect(await docker([...host, '-t', 'busybox', 'readlink', NETNS])).toEqual({
      status: 0,
      stdout: `${readlinkSync(NETNS)}\r\n`,
      stderr: '',
    })
    const look = 'test -t 1 && test -c /dev/console && ls -1 /sys/class/net'
    expect((await ok(...host, '-t', 'busybox', 'sh', '-c', look)).split(/\s+/)).toContain('lo')
  })

  test('a Dockerfile is built, and the image lists, runs and goes', async () => {
    showLogOnFailure(sandbox)
    sandbox.write(
      'image/Dockerfile',
      'FROM busybox\nARG WORD=none\nRUN echo $WORD > /word\nCMD ["cat", "/word"]\n',
    )
    await ok('build', '-t', 'worded', '--build-arg', 'WORD=built', join(sandbox.folder, 'image'))
    expect(await ok('images', '--format', '{{.Repository}}:{{.Tag}}', 'worded')).toBe('worded:latest')
    expect(await ok('run', '--rm', 'worded')).toBe('built')
    await ok('rmi', 'worded')
    expect(await docker(['image', 'inspect', 'worded'])).toMatchObject({ status: 1 })
  })
})
