import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withProjectLock } from '../../../src/executor/index.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

// An engine ends when nobody needs it: commands that come just then, or that think for long between two calls.
let sandbox: Sandbox
let other: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox()
  other = makeSandbox()
  await sandbox.busybox()
  sandbox.write('compose.yaml', 'name: pause\nservices: {a: {image: busybox, command: "true"}}\n')
})
afterAll(async () => {
  await sandbox.close()
  await other.close()
})

/** As long as an engine that nobody needs lives: it answers a command of another sandbox, and ends. */
async function anEngineEnds(): Promise<void> {
  await other.ok('-p', 'none', 'ps', '-a')
  await eventually('the engine of nobody ends', () => other.enginePid() === undefined)
}

test('an engine stays for a command that waits, as long as it likes, between two calls', async () => {
  showLogOnFailure(sandbox)
  const folder = join(sandbox.env['TSCOMPOSE_RUN'] ?? '', 'projects')
  const lock = { folder, project: 'pause', command: 'test', onWait: () => undefined }
  const up = await withProjectLock(lock, async () => {
    const waiting = sandbox.start('up', '-d')
    await eventually('it waits for the project', () => waiting.output.stderr.includes('Waiting for'))
    const before = sandbox.enginePid()
    for (let time = 0; time < 3; time += 1) await anEngineEnds()
    expect(sandbox.enginePid()).toBe(before)
    return waiting
  })
  expect(await up.ended).toMatchObject({ status: 0 })
  await sandbox.ok('down')
})

/** Commands of each of ten sandboxes. */
const ROUNDS = process.env['TSCOMPOSE_TEST_SCALE'] === '1' ? 50 : 20

test(`of ${10 * ROUNDS} commands that come while engines end and start none fails`, async () => {
  // Many sandboxes are the load: each has an engine that ends or starts all the time.
  const sandboxes = Array.from({ length: 10 }, () => makeSandbox())
  const commands = [['ps', '-a'], ['ps'], ['logs'], ['kill'], ['stop']]
  const failed: string[] = []
  await Promise.all(
    sandboxes.map(async (one, worker) => {
      one.write('compose.yaml', 'name: pause\nservices: {a: {image: busybox}}\n')
      for (let round = 0; round < ROUNDS; round += 1) {
        const command = commands[(worker + round) % commands.length] ?? []
        const { status, stderr } = await one.run(...command)
        if (status !== 0) failed.push(`${command.join(' ')}: ${stderr}`)
        // The next one comes when the engine is about to end, ends, or has ended.
        if (round % 3 === 0) await eventually('its socket has gone', () => !existsSync(one.socket))
        if (round % 3 === 1) await eventually('it has ended', () => one.enginePid() === undefined)
      }
    }),
  )
  await Promise.all(sandboxes.map(one => one.close()))
  expect(failed).toEqual([])
}, 600_000)

test('commands that come while engines end and start find one, many at once and one after the other', async () => {
  showLogOnFailure(sandbox)
  const statuses = await Promise.all(
    Array.from({ length: 6 }, async (_, worker) => {
      const failed: string[] = []
      for (let round = 0; round < 4; round += 1) {
        const { status, stderr } = await sandbox.run('-p', `p${worker}`, 'ps', '-a')
        if (status !== 0) failed.push(stderr)
        // So that the next one comes while the engine ends, more or less.
        if (worker === 0) await eventually('it has ended', () => sandbox.enginePid() === undefined)
      }
      return failed
    }),
  )
  expect(statuses.flat()).toEqual([])
})
