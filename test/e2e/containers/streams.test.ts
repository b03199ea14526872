import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { frameDecoder } from '../../../src/api/framing.ts'
import { type Container, Docker } from '../../../src/client/index.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

// What a process writes reaches whoever listens, to the byte: however slow they are, and whoever dies meanwhile.
let sandbox: Sandbox
let docker: Docker

beforeAll(async () => {
  sandbox = makeSandbox()
  docker = new Docker({ socketPath: sandbox.socket })
  await sandbox.busybox()
})
afterEach(async () => {
  await sandbox.run('down', '-t', '0', '-v')
})
afterAll(() => sandbox.close())

const compose = (services: string): void => sandbox.write('compose.yaml', `name: st\nservices:\n${services}`)
/** A short line as it travels: Docker's frame of stdout. */
const framed = (line: string): string => `\x01\0\0\0\0\0\0${String.fromCharCode(line.length)}${line}`
const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))

const create = (shell: string): Promise<Container> =>
  docker.createContainer({
    Image: 'busybox',
    Cmd: ['sh', '-c', shell],
    HostConfig: { NetworkMode: 'none', AutoRemove: true },
  })

/** Attaches before the start; `onBytes` gets what the container writes, its frames taken off. */
async function attach(container: Container, onBytes: (bytes: Uint8Array) => void): Promise<Duplex> {
  const stream = await container.attach({ stream: true, stdout: true, stderr: true, hijack: true })
  const decode = frameDecoder((_stream, bytes) => onBytes(bytes))
  return stream.on('data', (chunk: Buffer) => decode(chunk))
}

/** Resolves when a container is held back: what it has written so far is more no more. */
async function standsStill(size: () => number): Promise<void> {
  let before = 0
  await eventually('it is held back', () => {
    const isStill = size() > 0 && size() === before
    before = size()
    return isStill
  })
}

test('a client that reads slowly gets all of 300 MB, and one that stops loses nothing either', async () => {
  showLogOnFailure(sandbox)
  const container = await create('head -c 300000000 /dev/zero')
  const seen = { slow: 0, other: 0 }
  const slow = await attach(container, bytes => {
    // For a while it takes a piece at each turn of the event loop, and the engine is far ahead of it.
    if (seen.slow < 20_000_000) {
      slow.pause()
      setImmediate(() => slow.resume())
    }
    seen.slow += bytes.length
  })
  const other = await attach(container, bytes => {
    seen.other += bytes.length
  })
  slow.pause()
  await container.start()
  await standsStill(() => seen.other)
  expect(seen.slow).toBe(0)
  expect(seen.other).toBeLessThan(20_000_000)
  slow.resume()
  await Promise.all([once(slow, 'end'), once(other, 'end')])
  expect(seen).toEqual({ slow: 300_000_000, other: 300_000_000 })
})

test('whoever waits for the end has had the last byte by then', async () => {
  showLogOnFailure(sandbox)
  for (let round = 0; round < 4; round++)
    await times(10, async () => {
      const container = await create('seq 1 2000')
      let bytes = 0
      const stream = await attach(container, part => {
        bytes += part.length
      })
      const ended = container.wait({ condition: 'next-exit' })
      await container.start()
      expect(await ended).toMatchObject({ StatusCode: 0 })
      expect(bytes).toBe(8_893)
      stream.destroy()
    })
})

test('up shows each of a million lines, though it is stopped for a while', async () => {
  showLogOnFailure(sandbox)
  compose('  a: {image: busybox, command: seq 1 1000000}\n')
  const up = spawn(process.execPath, [resolve('bin/tscompose'), 'up', '--no-color', '--no-log-prefix'], {
    cwd: sandbox.folder,
    env: sandbox.env,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const logs = join(sandbox.env['TSCOMPOSE_ROOT'] ?? '', 'containers')
  const logSize = (): number => statSync(join(logs, readdirSync(logs)[0] ?? '', 'container.log')).size
  const hash = createHash('sha256')
  let lines = 0
  let rest = ''
  for await (const chunk of up.stdout.setEncoding('latin1')) {
    if (lines === 0) await standsStill(logSize)
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    const numbers = parts.filter(line => /^\d+$/.test(line))
    lines += numbers.length
    for (const number of numbers) hash.update(`${number}\n`)
  }
  expect(lines).toBe(1_000_000)
  expect(hash.digest('hex')).toBe(
    createHash('sha256')
      .update(Array.from({ length: 1_000_000 }, (_, index) => `${index + 1}\n`).join(''))
      .digest('hex'),
  )
})

test('forty commands at once, again and again, lose no byte', async () => {
  showLogOnFailure(sandbox)
  compose('  a: {image: busybox, command: sleep 1000, stop_grace_period: 0s}\n')
  await sandbox.ok('up', '-d')
  const run = async (word: string): Promise<string> => {
    const options = { Cmd: ['echo', word], AttachStdout: true, AttachStderr: true }
    const exec = await docker.getContainer('st-a-1').exec(options)
    return await text(await exec.start({ hijack: true }))
  }
  for (let round = 0; round < 10; round++) {
    const words = await times(40, index => run(`${round}-${index}`))
    expect(words).toEqual(words.map((_, index) => framed(`${round}-${index}\n`)))
  }
})

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `n-${from + index}`)
const numbersIn = (output: string): string[] => output.split('\n').filter(line => /^n-\d+$/.test(line))

test('engines that are killed take no line from those who follow, and double none', async () => {
  showLogOnFailure(sandbox)
  compose(`
  a:
    image: busybox
    command: "sh -c 'trap \\"exit 0\\" TERM; n=0; while [ $$n -lt 6000 ]; do echo n-$$n; n=$$((n+1)); [ $$((n % 20)) = 0 ] && sleep 0.02; done; while :; do sleep 0.1; done'"
`)
  const up = sandbox.start('up', '--no-color', '--no-log-prefix')
  await eventually('it has begun', () => up.output.stdout.includes('n-9\n'))
  const logs = sandbox.start('logs', '-f', '--no-log-prefix')
  for (const heard of [1000, 2500]) {
    await eventually('both are heard', () => logs.output.stdout.includes(`n-${heard}\n`))
    const pid = sandbox.enginePid()
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
  }
  for (const { output } of [up, logs])
    await eventually('both have all', () => output.stdout.includes('n-5999\n'), 60_000)
  await sandbox.ok('stop')
  expect(await logs.ended).toMatchObject({ status: 0, stderr: '' })
  expect((await up.ended).status).toBe(0)
  expect(numbersIn(logs.output.stdout)).toEqual(numbers(0, 6000))
  expect(numbersIn(up.output.stdout)).toEqual(numbers(0, 6000))
})

test('logs -f goes on over restarts, each line with its time, and ends with the last stop', async () => {
  compose(`
  a: {image: busybox, command: "sh -c 'echo began; sleep 1000'", stop_grace_period: 0s}
`)
  await sandbox.ok('up', '-d')
  const logs = sandbox.start('logs', '-f', '-t', '--no-log-prefix')
  for (let times = 1; times <= 3; times++) {
    await eventually('it has begun', () => logs.output.stdout.split('began\n').length === times + 1)
    await sandbox.ok(times < 3 ? 'restart' : 'stop')
  }
  expect(await logs.ended).toMatchObject({ status: 0, stderr: '' })
  expect(logs.output.stdout).toMatch(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z began\n){3}$/)
})

test('logs -f goes on with what takes the place of a container, and with new replicas, from their first lines on', async () => {
  const service = (version: number): string => `
  a:
    image: busybox
    stop_grace_period: 0s
    environment: {VERSION: "${version}"}
    command: "sh -c 'for n in $$(seq 0 99); do echo n-$$((VERSION * 100 + n)); done; exec sleep 1000'"
`
  compose(service(0))
  await sandbox.ok('up', '-d')
  const logs = sandbox.start('logs', '-f', '--no-log-prefix', 'a')
  for (const version of [1, 2, 3]) {
    await eventually('all is heard', () => logs.output.stdout.includes(`n-${version * 100 - 1}\n`))
    compose(service(version))
    await sandbox.ok('up', '-d')
  }
  await eventually('all is heard', () => logs.output.stdout.includes('n-399\n'))
  await sandbox.ok('up', '-d', '--scale', 'a=3')
  await eventually('replicas are heard', () => numbersIn(logs.output.stdout).length === 600)
  await sandbox.ok('stop')
  expect(await logs.ended).toMatchObject({ status: 0, stderr: '' })
  expect(numbersIn(logs.output.stdout).slice(0, 400)).toEqual(numbers(0, 400))
  expect(numbersIn(logs.output.stdout).slice(400).sort()).toEqual(
    [...numbers(300, 400), ...numbers(300, 400)].sort(),
  )
})

test('logs of a rotated log tell once how much is gone', async () => {
  compose(`
  a:
    image: busybox
    command: "sh -c 'for n in $$(seq 0 19999); do echo n-$$n; done'"
    logging: {options: {max-size: 10k, max-file: "3"}}
`)
  await sandbox.ok('up')
  const { stdout, stderr } = await sandbox.ok('logs', '--no-log-prefix')
  const shown = numbersIn(stdout)
  const [, gone = ''] = /^warning LOG_GONE.*the first ([\d,]+) lines/m.exec(stderr) ?? []
  expect(shown.length).toBeLessThan(20_000)
  expect(shown).toEqual(numbers(Number(gone.replace(',', '')), 20_000))
  expect(await sandbox.ok('logs', '--no-log-prefix', '--tail', '5')).toMatchObject({
    stdout: `${numbers(19_995, 20_000).join('\n')}\n`,
    stderr: '',
  })
})

test('who follows a log slowly gets what rotation has taken away meanwhile', async () => {
  showLogOnFailure(sandbox)
  compose(`
  a:
    image: busybox
    command: "sh -c 'read go; for n in $$(seq 0 59999); do echo n-$$n; done'"
    stdin_open: true
    logging: {options: {max-size: 10k, max-file: "2"}}
`)
  await sandbox.ok('up', '-d')
  const container = docker.getContainer('st-a-1')
  const log = await container.logs({ follow: true, stdout: true, stderr: true })
  let got = ''
  const decode = frameDecoder((_stream, bytes) => {
    got += Buffer.from(bytes).toString()
  })
  const stdin = await container.attach({ stream: true, stdin: true, hijack: true })
  stdin.end('\n')
  await container.wait()
  const { LogPath } = await container.inspect()
  const files = (): string[] => readdirSync(dirname(LogPath)).filter(name => name.startsWith('container.log'))
  // More than the sockets and queues between them hold: the follower has not been given all of it yet.
  expect(files().length).toBeGreaterThan(2)
  for await (const chunk of log) decode(chunk)
  expect(numbersIn(got)).toEqual(numbers(0, 60_000))
  // What was kept for the follower goes with it, though there is no monitor any more.
  await eventually('the log is as large as it may be', () => files().length === 2)
})

test('the last lines of a container that writes on are as many as were asked for', async () => {
  compose(`
  a: {image: busybox, stop_grace_period: 0s, command: "sh -c 'n=0; while :; do echo n-$$n; n=$$((n+1)); done'"}
`)
  await sandbox.ok('up', '-d')
  await eventually('it writes', async () => (await sandbox.ok('logs', '--tail', '9')).stdout.includes('n-'))
  for (let round = 0; round < 5; round++) {
    const shown = numbersIn((await sandbox.ok('logs', '--no-log-prefix', '--tail', '7')).stdout)
    expect(shown).toEqual(numbers(Number(shown[0]?.slice(2)), Number(shown[0]?.slice(2)) + 7))
  }
})
