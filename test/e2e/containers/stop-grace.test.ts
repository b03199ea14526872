import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Container, Docker } from '../../../src/client/index.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

// Who listens to the stop signal in whatever way gets its grace; it is skipped for who provably does not.
let sandbox: Sandbox
let docker: Docker

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  const program = join(sandbox.folder, 'signal-listener')
  execFileSync('gcc', ['-static', '-O1', '-pthread', '-o', program, 'native/test/signal-listener.c'])
  copyFileSync(program, join(sandbox.folder, 'listener'))
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

const start = async (...command: string[]): Promise<Container> => {
  const container = await docker.createContainer({
    Image: 'listener',
    Cmd: command,
    StopTimeout: 60,
    HostConfig: { NetworkMode: 'none' },
  })
  await container.start()
  return container
}

const isReady = async (container: Container): Promise<boolean> =>
  (await container.logs({ stdout: true })).toString().includes('ready')

/** Whether it has become its command, and that waits. */
async function isAsleep(container: Container): Promise<boolean> {
  const { Config, State } = await container.inspect()
  const stat = readFileSync(`/proc/${State.Pid}/stat`, 'utf8')
  return stat.includes(`(${Config.Cmd?.[0]}) S `)
}

const codeOf = async (container: Container): Promise<number> => (await container.inspect()).State.ExitCode

const LISTENING = [
  'handler',
  'once',
  'busy',
  'pselect',
  'sigwait',
  'sigtimedwait',
  'thread',
  'signalfd',
  'epoll',
]

describe('who listens', () => {
  test.each(LISTENING)('by %s ends as it wants', async way => {
    showLogOnFailure(sandbox)
    const container = await start('listener', way)
    await eventually('it listens', () => isReady(container))
    expect(await container.stop({ told: true })).not.toEqual({ GraceSkipped: true })
    expect(await codeOf(container)).toBe(7)
    await container.remove()
  })

  test('a little after its start is waited for, and then told', async () => {
    const container = await start('listener', 'late')
    expect(await container.stop({ told: true })).not.toEqual({ GraceSkipped: true })
    expect(await codeOf(container)).toBe(7)
    await container.remove()
  })
})

describe('who does not', () => {
  test.each([
    ['has no handler', ['sleep', '1000']],
    ['ignores it', ['listener', 'ignore']],
  ])('and %s is killed at once', async (_, command) => {
    const container = await start(...command)
    await eventually('it does nothing but wait', () => isAsleep(container))
    expect(await container.stop({ told: true })).toEqual({ GraceSkipped: true })
    expect(await codeOf(container)).toBe(137)
    await container.remove()
  })

  test('has no grace skipped where none is given', async () => {
    const container = await start('sleep', '1000')
    await eventually('it does nothing but wait', () => isAsleep(container))
    expect(await container.stop({ t: 0, told: true })).not.toEqual({ GraceSkipped: true })
    expect(await codeOf(container)).toBe(137)
    await container.remove()
  })

  test('and is busy is given its grace, since nothing is proven', async () => {
    const container = await start('sh', '-c', 'while :; do :; done')
    expect(await container.stop({ t: 1, told: true })).not.toEqual({ GraceSkipped: true })
    expect(await codeOf(container)).toBe(137)
    await container.remove()
  })
})
