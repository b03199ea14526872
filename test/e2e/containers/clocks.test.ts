// A container's clocks begin with it, but for the time of day. Who sees the processes of others reads when they began.
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { HostConfig } from '../../../src/api/types/index.ts'
import { EngineLab } from '../harness/engine-lab.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox } from '../harness/sandbox.ts'

const lab = new EngineLab()
beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
})
afterEach(() => lab.clear())
afterAll(() => lab.close())

const alone = { NetworkMode: 'none' }
const uptime = (): number => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
/** Seconds since the start of a container by its clocks, and the age of its first process by them. */
const ASK = `cut -d' ' -f1 /proc/uptime; sed 's/.*) //' /proc/1/stat | cut -d' ' -f20`
async function clocksOf(id: string): Promise<{ readonly now: number; readonly age: number }> {
  const [now = 0, ticks = 0] = (await lab.exec(id, ASK)).out.trim().split('\n').map(Number)
  return { now, age: now - ticks / 100 }
}

test('who shares the processes of another, or of the host, has the same clocks', async () => {
  const first = await lab.run('first', { HostConfig: alone })
  await eventually('it has run for a while', async () => (await clocksOf(first)).age >= 1)
  const run = (name: string, HostConfig: HostConfig): Promise<string> =>
    lab.run(name, { HostConfig: { ...alone, ...HostConfig } })
  for (const id of [first, await run('beside', { PidMode: `container:${first}` })]) {
    const { now, age } = await clocksOf(id)
    expect(age).toBeGreaterThanOrEqual(1)
    expect(age).toBeLessThanOrEqual(now)
  }
  const seen = await clocksOf(await run('seeing', { PidMode: 'host' }))
  expect(seen.now).toBeGreaterThan(uptime() - 60)
  expect(seen.age).toBeLessThanOrEqual(seen.now)
})

test('a restart begins anew, and the log has the time of day', async () => {
  const before = Date.now()
  const id = await lab.run('again', {
    Cmd: ['sh', '-c', 'cut -d. -f1 /proc/uptime; date +%s; exit 1'],
    HostConfig: { ...alone, RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } },
  })
  await eventually('it has run three times', async () => (await lab.log(id)).split('\n').length === 7)
  const options = { follow: false, stdout: true, stderr: true, timestamps: true }
  const { records } = await lab.engine.containers.logs(id, options, new AbortController().signal)
  const told: { readonly time: number; readonly value: number }[] = []
  for await (const some of records)
    for (const { time = '', bytes } of some)
      told.push({ time: Date.parse(time), value: Number(Buffer.from(bytes).toString()) })
  expect(told).toHaveLength(6)
  for (const [index, { time, value }] of told.entries()) {
    expect(time).toBeGreaterThanOrEqual(before)
    expect(time).toBeLessThanOrEqual(Date.now())
    if (index % 2 === 0) expect(value).toBeLessThan(uptime() / 2)
    else expect(value).toBeGreaterThanOrEqual(Math.floor(before / 1000))
  }
})

test('TSCOMPOSE_OWN_CLOCKS=false leaves a container those of the machine', async () => {
  const sandbox = makeSandbox({ env: { TSCOMPOSE_OWN_CLOCKS: 'false' } })
  try {
    await sandbox.busybox()
    sandbox.write(
      'compose.yaml',
      'name: clocks\nservices: {a: {image: busybox, command: cat /proc/uptime}}\n',
    )
    const { stdout } = await sandbox.ok('run', '--rm', '-T', 'a')
    expect(Number(stdout.split(' ')[0])).toBeGreaterThan(uptime() - 60)
  } finally {
    await sandbox.close()
  }
})
