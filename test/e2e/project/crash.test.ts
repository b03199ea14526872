import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { takeInventory, untilNothingIsLeft } from '../harness/inventory.ts'
import { freePort, makeSandbox, type Sandbox } from '../harness/sandbox.ts'

let sandbox: Sandbox
let port: number

beforeAll(async () => {
  sandbox = makeSandbox()
  port = await freePort()
  await sandbox.busybox()
  sandbox.write(
    'compose.yaml',
    `
name: crash
services:
  web:
    image: busybox
    command: sh -c 'mkdir -p /www; echo hello > /www/index.html; exec httpd -f -p 80 -h /www'
    ports: ["127.0.0.1:${port}:80"]
    depends_on: [counter]
    stop_signal: SIGKILL
    restart: unless-stopped
  counter:
    image: busybox
    command: sh -c 'i=0; while true; do echo $$i; i=$$((i+1)); sleep 0.01; done'
    stop_signal: SIGKILL
    restart: always
    volumes: ["data:/data"]
volumes: {data: {}}
`,
  )
})
afterAll(() => sandbox.close())

const page = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/`)).text()

test('with the engine killed the page answers, logs lose no line, and a killed process is restarted', async () => {
  await sandbox.ok('up', '-d', '--wait')
  const pids = async (): Promise<string[]> =>
    (await sandbox.ok('exec', '-T', 'counter', 'cat', '/proc/1/stat')).stdout.split(' ')
  expect((await pids())[0]).toBe('1')
  await eventually('the page answers', async () => (await page()) === 'hello\n')
  await sandbox.killEngine()
  expect(await page()).toBe('hello\n')
  await eventually(
    'the next engine has the log',
    async () => (await sandbox.ok('logs', '--no-log-prefix', 'counter')).stdout.split('\n').length > 50,
  )
  const numbers = (await sandbox.ok('logs', '--no-log-prefix', 'counter')).stdout
    .trim()
    .split('\n')
    .map(Number)
  expect(numbers).toEqual(numbers.map((_value, index) => index))

  const before = (await sandbox.ok('ps', '-q', 'counter')).stdout
  await sandbox.killEngine()
  // PID 1 of the counter ends while no engine is there: its monitor starts it again.
  const { killContainer } = await import('../harness/kill-container.ts')
  killContainer(sandbox.env, before.trim())
  await eventually('it counts from 0 again', async () => {
    const { stdout } = await sandbox.ok('logs', '--no-log-prefix', 'counter')
    return (
      stdout
        .trim()
        .split('\n')
        .filter(line => line === '0').length === 2
    )
  })
  expect((await sandbox.ok('ps', '-q', 'counter')).stdout).toBe(before)
  await sandbox.ok('down', '-v')
})

test('up that is killed at any step converges with the next up, and down leaves nothing', async () => {
  for (let step = 1; ; step += 1) {
    const killed = await killAtStep(step)
    await sandbox.ok('up', '-d', '--wait')
    // It has no health check: it runs before it listens.
    await eventually('the page answers', async () => (await page()) === 'hello\n')
    expect(takeInventory(sandbox.env).links).not.toEqual([])
    const { stdout } = await sandbox.ok('ps', '-a', '-q')
    expect(stdout.trim().split('\n')).toHaveLength(2)
    await sandbox.ok('down', '-v')
    if (!killed) break
  }
  await eventually('the engine ends', () => sandbox.enginePid() === undefined)
  await untilNothingIsLeft(sandbox.env)
})

/** Kills `up` as soon as it has reported its step-th event; false: it ended before. */
async function killAtStep(step: number): Promise<boolean> {
  const up = sandbox.start('--progress', 'json', 'up', '-d')
  let killed = false
  up.child.stderr?.on('data', () => {
    if (!killed && up.output.stderr.split('\n').length > step) killed = up.child.kill('SIGKILL')
  })
  await up.ended
  return killed
}

test('down that is killed at any step is finished by the next down', async () => {
  for (let step = 1; ; step += 1) {
    await sandbox.ok('up', '-d', '--wait')
    const down = sandbox.start('--progress', 'json', 'down', '-v')
    let killed = false
    down.child.stderr?.on('data', () => {
      if (!killed && down.output.stderr.split('\n').length > step) killed = down.child.kill('SIGKILL')
    })
    await down.ended
    await sandbox.ok('down', '-v')
    expect((await sandbox.ok('ps', '-a', '-q')).stdout).toBe('')
    if (!killed) break
  }
})

test('up and down whose engine is killed at any step go on with the next one', async () => {
  for (const words of [
    ['up', '-d'],
    ['down', '-v'],
  ]) {
    for (let step = 1; ; step += 2) {
      if (words[0] === 'down') await sandbox.ok('up', '-d')
      // The same engine from the beginning on, whose process is known.
      const release = await sandbox.hold()
      const pid = sandbox.enginePid()
      const work = sandbox.start('--progress', 'json', ...words)
      let killed = false
      work.child.stderr?.on('data', () => {
        if (killed || work.output.stderr.split('\n').length <= step || pid === undefined) return
        killed = true
        process.kill(pid, 'SIGKILL')
      })
      const { status, stderr } = await work.ended
      release()
      expect({ words, step, status, stderr: status === 0 ? '' : stderr }).toEqual({
        words,
        step,
        status: 0,
        stderr: '',
      })
      const { stdout } = await sandbox.ok('ps', '-a', '-q')
      expect(stdout.trim().split('\n').filter(Boolean)).toHaveLength(words[0] === 'up' ? 2 : 0)
      await sandbox.ok('down', '-v')
      if (!killed) break
    }
  }
})

test('an engine whose folder of sockets somebody has removed gives way to the next one', async () => {
  const run = sandbox.env['TSCOMPOSE_RUN'] ?? ''
  for (let round = 0; round < 3; round += 1) {
    await sandbox.ok('up', '-d')
    for (const name of readdirSync(run)) rmSync(join(run, name), { recursive: true, force: true })
    await sandbox.run('ps')
    // What ran is nobody's now, and holds its ports until it has been ended.
    await eventually('up works', async () => (await sandbox.run('up', '-d')).status === 0)
    await eventually(
      'both run',
      async () => (await sandbox.ok('ps', '-q')).stdout.trim().split('\n').length === 2,
    )
  }
  await sandbox.ok('down', '-v')
})

test('a container that ends while up waits for it is no dead engine: it was started once', async () => {
  const ends = ['-p', 'ends', '-f', 'ends.yaml']
  sandbox.write(
    'ends.yaml',
    `services: {a: {image: busybox, command: sh -c 'echo ran; sleep 0.3', healthcheck: {test: "false", interval: 1h}}}\n`,
  )
  const { status } = await sandbox.run(...ends, 'up', '-d', '--wait')
  expect(status).not.toBe(0)
  expect((await sandbox.ok(...ends, 'logs', '--no-log-prefix')).stdout).toBe('ran\n')
  await sandbox.ok(...ends, 'down')
})
