// Health checks by the engine itself, and what follows of them: sockets of files, restarts of what has become unhealthy, engines that are killed.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ContainerCreateRequest, EventMessage, HostConfig } from '../../../src/api/types/index.ts'
import { type Container, Docker } from '../../../src/client/index.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

let sandbox: Sandbox
let docker: Docker

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  const program = join(sandbox.folder, 'listener')
  execFileSync('gcc', ['-static', '-O1', '-o', program, 'native/test/unix-listener.c'])
  sandbox.write('Dockerfile', 'FROM busybox\nCOPY listener /bin/listener\n')
  sandbox.write('compose.yaml', 'services: {app: {build: ., image: listener}}\n')
  await sandbox.ok('build')
  docker = new Docker({ socketPath: sandbox.socket })
  await sandbox.hold()
})
afterAll(async () => {
  docker.modem.destroy()
  await sandbox.close()
})

const SECOND = 1e9
const TRAPPED = 'trap "exit 7" TERM; '

/** A container with a probe that is made ten times a second, two failures being enough. */
async function start(
  probe: readonly string[],
  command: readonly string[],
  host: HostConfig = {},
  more: ContainerCreateRequest = {},
): Promise<Container> {
  const container = await docker.createContainer({
    Image: 'listener',
    Cmd: command,
    Healthcheck: { Test: ['PROBE', ...probe], Interval: SECOND / 10, Timeout: SECOND * 5, Retries: 2 },
    HostConfig: { NetworkMode: 'none', ...host },
    ...more,
  })
  await container.start()
  return container
}

/** What has happened to a container so far. */
async function actionsOf(container: Container): Promise<string[]> {
  const told = await text(await docker.getEvents({ since: 0, until: Math.floor(Date.now() / 1000) }))
  const events = told.split('\n').filter(Boolean)
  return events
    .map((line): EventMessage => JSON.parse(line))
    .filter(({ Actor }) => Actor.ID === container.id)
    .map(({ Action }) => Action)
}

const becomes = (container: Container, status: string): Promise<unknown> =>
  eventually(`it is ${status}`, async () => (await container.inspect()).State.Health?.Status === status)
const hasRestarted = (container: Container, times: number): Promise<unknown> =>
  eventually(`it was restarted`, async () => (await container.inspect()).RestartCount >= times)
const end = (container: Container): Promise<void> => container.remove({ force: true, v: true })

describe('a socket', () => {
  test.each([
    ['of a file', '/run/app.sock', []],
    ['of an abstract name', '@app', []],
    // A link of the container leads nowhere but to its own files.
    ['behind a link', '/tmp/link', ['ln -s /run/app.sock /tmp/link; ']],
  ])('%s is asked', async (_, path, before) => {
    showLogOnFailure(sandbox)
    const place = path === '/tmp/link' ? '/run/app.sock' : path
    const container = await start(
      ['unix', path],
      ['sh', '-c', `mkdir -p /run /tmp; ${before.join('')}exec listener ${place}`],
    )
    await becomes(container, 'healthy')
    await end(container)
  })

  test('that is not one, or that nobody listens at, is a failed probe', async () => {
    const container = await start(['unix', '/etc/hostname'], ['sleep', '1000'])
    await becomes(container, 'unhealthy')
    const { Health } = (await container.inspect()).State
    expect(Health?.Log?.at(-1)).toMatchObject({ ExitCode: 1, Output: expect.stringContaining('refused') })
    await end(container)
  })

  test('leaves no trace in the container: no process, no exec', async () => {
    const container = await start(['unix', '@app'], ['listener', '@app'])
    await becomes(container, 'healthy')
    expect((await container.top()).Processes).toHaveLength(1)
    const own = await eventually('its health is told', async () => {
      const actions = await actionsOf(container)
      return actions.includes('health_status: healthy') ? actions : undefined
    })
    expect(own.slice(0, 3)).toEqual(['create', 'start', 'health_status: healthy'])
    expect(own.filter(action => action.startsWith('exec'))).toEqual([])
    await end(container)
  })
})

describe('a container that is to be restarted when unhealthy', () => {
  const UNHEALTHY = { TscomposeUnhealthy: true } as const

  test('is asked to end, as a stop asks, and comes back though its policy is none', async () => {
    showLogOnFailure(sandbox)
    const host = { RestartPolicy: { Name: 'no', ...UNHEALTHY } } as const
    const command = `${TRAPPED}echo run; timeout 1 listener @app; while :; do sleep 0.1; done`
    const container = await start(['unix', '@app'], ['sh', '-c', command], host)
    await becomes(container, 'healthy')
    await hasRestarted(container, 2)
    expect((await container.inspect()).HostConfig.RestartPolicy).toEqual({
      Name: 'no',
      MaximumRetryCount: 0,
      TscomposeUnhealthy: true,
    })
    const runs = async (): Promise<number> =>
      (await container.logs({ stdout: true })).toString().split('run').length - 1
    await eventually('its third run has begun', async () => (await runs()) >= 3)
    // A stop has the last word.
    await container.stop({ t: 5 })
    expect((await container.inspect()).State).toMatchObject({ Status: 'exited', ExitCode: 7 })
    await end(container)
  })

  test('that does not heed the signal is killed after its grace', async () => {
    const host = { RestartPolicy: { Name: 'no', ...UNHEALTHY } } as const
    const command = ['sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done']
    const container = await start(['tcp', '80'], command, host, { StopTimeout: 1 })
    await hasRestarted(container, 1)
    await end(container)
  })

  test('stays as it is once the restarts of on-failure are used up', async () => {
    const host = { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 1, ...UNHEALTHY } } as const
    const command = ['sh', '-c', `${TRAPPED}while :; do sleep 0.1; done`]
    const container = await start(['tcp', '80'], command, host)
    await hasRestarted(container, 1)
    await becomes(container, 'unhealthy')
    const { State, RestartCount } = await container.inspect()
    expect({ status: State.Status, RestartCount }).toEqual({ status: 'running', RestartCount: 1 })
    await end(container)
  })

  test('may not be one that is removed at its end', async () => {
    const HostConfig = { AutoRemove: true, RestartPolicy: UNHEALTHY }
    await expect(docker.createContainer({ Image: 'listener', Cmd: ['x'], HostConfig })).rejects.toMatchObject(
      { statusCode: 400 },
    )
  })

  test('comes back though the engine is killed while it is asked to end', async () => {
    showLogOnFailure(sandbox)
    const host = { RestartPolicy: { Name: 'no', ...UNHEALTHY } } as const
    // It says that it was asked, and takes its time.
    const command = 'trap "echo asked; sleep 2; exit 0" TERM; while :; do sleep 0.1; done'
    const container = await start(['tcp', '80'], ['sh', '-c', command], host, { StopTimeout: 60 })
    await eventually('it was asked', async () =>
      (await container.logs({ stdout: true })).toString().includes('asked'),
    )
    await sandbox.killEngine()
    await sandbox.ok('ls')
    await sandbox.hold()
    await hasRestarted(container, 1)
    await end(container)
  })

  test('is ended by the next engine where the one before found it unhealthy and was killed', async () => {
    showLogOnFailure(sandbox)
    // Nobody ends it in the time of this engine: it would take a minute to be killed.
    const host = { RestartPolicy: { Name: 'no', ...UNHEALTHY } } as const
    const command = ['sh', '-c', 'trap "echo asked" TERM; while :; do sleep 0.1; done']
    const container = await start(['tcp', '80'], command, host, { StopTimeout: 4 })
    await eventually('it was asked', async () =>
      (await container.logs({ stdout: true })).toString().includes('asked'),
    )
    await sandbox.killEngine()
    await sandbox.ok('ls')
    await sandbox.hold()
    await hasRestarted(container, 1)
    await end(container)
  })
})
