import { execFile } from 'node:child_process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { failure } from '../../../src/diagnostics/index.ts'
import { program, requires } from '../../requires.ts'
import { type Harness, openHarness } from './harness.ts'

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

// The stock CLI is the judge of the protocol; where it is not installed, the raw tests beside this one stand alone.
requires(program('docker')).describe('the stock Docker CLI', () => {
  let api: Harness
  beforeAll(async () => {
    api = await openHarness()
  })
  afterAll(() => api.close())

  const docker = (args: readonly string[], input = ''): Promise<Outcome> =>
    new Promise(resolve => {
      const env = { ...process.env, DOCKER_BUILDKIT: '0', DOCKER_CONFIG: '/nonexistent' }
      const child = execFile(
        'docker',
        ['-H', `unix://${api.socketPath}`, ...args],
        { env },
        (error, stdout, stderr) => {
          resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
        },
      )
      child.stdin?.end(input)
    })

  it('negotiates the version', async () => {
    const { stdout } = await docker(['version', '--format', '{{.Server.Version}} {{.Server.APIVersion}}'])
    expect(stdout).toBe('0.1.0 1.51\n')
  })

  it('lists', async () => {
    const { stdout } = await docker([
      'ps',
      '--filter',
      'label=tier',
      '--format',
      '{{.Names}} {{.Ports}} {{.State}}',
    ])
    expect(stdout).toBe('web 0.0.0.0:8080->80/tcp running\n')
    expect(api.backend.calls.at(-1)?.args).toEqual([
      { all: false, size: false, filters: { label: ['tier'] } },
    ])
    expect((await docker(['network', 'ls', '--format', '{{.Name}}'])).stdout).toBe('front\n')
    expect((await docker(['volume', 'ls', '--format', '{{.Name}}'])).stdout).toBe('data\n')
    expect((await docker(['images', '--format', '{{.Repository}}:{{.Tag}}'])).stdout).toBe('busybox:latest\n')
  })

  it('inspects, and takes an error for one', async () => {
    expect(JSON.parse((await docker(['inspect', 'web'])).stdout)).toMatchObject([{ Name: '/web' }])
    const missing = await docker(['container', 'inspect', 'nobody'])
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('No such container: nobody') })
  })

  it('reads a log on both streams', async () => {
    expect(await docker(['logs', 'web'])).toEqual({ code: 0, stdout: 'one\n', stderr: 'two\n' })
  })

  it('talks to a command, and closes its stdin', async () => {
    const { stdout, stderr } = await docker(['exec', '-i', 'web', 'cat'], 'typed\n')
    expect({ stdout, stderr }).toEqual({ stdout: 'hello\ntyped\nbye\n', stderr: 'careful\n' })
  })

  it('gives the exit code of a command that could not be run', async () => {
    api.backend.fail('exec.start', failure({ code: 'X', kind: 'invalidArgument', summary: 'not found' }))
    api.backend.answer('exec.inspect', { ExitCode: 127, Running: false })
    expect(await docker(['exec', 'web', 'nope'])).toMatchObject({ code: 127, stdout: 'not found\r\n' })
  })

  it('runs a container to its end', async () => {
    const { code, stdout } = await docker(['run', '--rm', 'busybox', 'true'])
    expect({ code, stdout }).toEqual({ code: 3, stdout: 'hello\nbye\n' })
    const called = api.backend.calls.map(call => call.method)
    expect(called.indexOf('containers.wait')).toBeLessThan(called.lastIndexOf('containers.start'))
  })

  it('copies in and out', async () => {
    expect((await docker(['cp', 'web:/etc/hosts', '-'])).stdout).toBe('tar')
    expect((await docker(['cp', import.meta.filename, 'web:/tmp/x'])).code).toBe(0)
  })

  it('stops, kills, removes, joins networks', async () => {
    for (const command of ['stop', 'start', 'restart', 'kill', 'pause', 'unpause', 'rm -f', 'top'])
      expect(await docker([...command.split(' '), 'web']), command).toMatchObject({ code: 0 })
    expect(await docker(['network', 'connect', '--alias', 'shop', 'front', 'web'])).toMatchObject({ code: 0 })
    expect(api.backend.calls.at(-1)?.args).toMatchObject(['front', { EndpointConfig: { Aliases: ['shop'] } }])
  })
})
