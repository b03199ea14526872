import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// What looks at a running project: its processes, its events, what it uses.
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write(
    'compose.yaml',
    `
name: seen
services:
  web:
    image: busybox
    command: ["sh", "-c", "trap 'exit 3' TERM; echo ready; while :; do sleep 0.1; done"]
    labels: {tier: front}
    mem_limit: 64m
  api: {image: busybox, command: sleep 1000, init: true, scale: 2}
  job: {image: busybox, command: "true"}
`,
  )
  await sandbox.ok('up', '-d')
}, 120_000)
afterAll(() => sandbox.close())

const out = async (...args: string[]): Promise<string> => (await sandbox.ok(...args)).stdout
const words = (line: string): string[] => line.trim().split(/\s+/)

describe('top', () => {
  test('has the columns of Docker, and the pids of the host', async () => {
    const [header = '', ...rows] = (await out('top', 'api')).trimEnd().split('\n')
    expect(words(header)).toEqual(['SERVICE', '#', 'UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'])
    // An init and a sleep for each.
    expect(rows.map(row => words(row).slice(0, 3))).toEqual([
      ['api', '1', 'root'],
      ['api', '1', 'root'],
      ['api', '2', 'root'],
      ['api', '2', 'root'],
    ])
    const [, pid, parent] = words(rows[1] ?? '')
      .slice(2)
      .map(Number)
    expect(parent).toBe(Number(words(rows[0] ?? '')[3]))
    expect(pid).toBeGreaterThan(1)
    expect(rows[1]).toMatch(/ \? +00:00:00 +sleep 1000$/)
  })

  test('leaves out what does not run, and says nothing of nothing', async () => {
    expect(await out('top')).not.toContain('job')
    expect(await out('top', 'job')).toBe('')
    expect((await sandbox.run('top', 'nosuch')).stderr).toContain('NO_SUCH_SERVICE')
  })
})

describe('events', () => {
  test('are told as they happen, of the services that are named', async () => {
    const told = sandbox.start('events', '--json', 'web')
    const lines = (): { action: string; attributes: Record<string, string>; service: string }[] =>
      told.output.stdout
        .split('\n')
        .filter(line => line !== '')
        .map(line => JSON.parse(line))
    // It may listen a little later than it was started.
    await eventually('an event is told', async () => {
      await sandbox.ok('exec', '-T', 'web', 'true')
      return lines().length > 0
    })
    await sandbox.ok('stop', 'api')
    await sandbox.ok('stop', 'web')
    await sandbox.ok('start', 'api', 'web')
    await eventually('the start is told', () => lines().some(({ action }) => action === 'start'))
    told.child.kill('SIGINT')
    expect(await told.ended).toMatchObject({ status: 130 })
    expect(new Set(lines().map(({ service }) => service))).toEqual(new Set(['web']))
    const actions = lines().map(({ action }) => action.replace(/:.*/, ''))
    expect(actions).toEqual(
      expect.arrayContaining(['exec_create', 'exec_start', 'exec_die', 'kill', 'die', 'stop', 'start']),
    )
    expect(lines().find(({ action }) => action === 'die')).toEqual({
      action: 'die',
      attributes: {
        execDuration: expect.stringMatching(/^\d+$/),
        exitCode: '3',
        image: 'busybox',
        name: 'seen-web-1',
        tier: 'front',
      },
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      service: 'web',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      type: 'container',
    })
  })

  test('of the past end by themselves, and one-offs are none of them', async () => {
    const past = await out('events', '--since', '10m', '--until', '0s')
    const one =
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} container start [0-9a-f]{64} \(image=busybox, name=seen-web-1, tier=front\)$/m
    expect(past).toMatch(one)
    expect(past).not.toContain('com.')
    const until = (
      await out('events', '--since', '10m', '--until', String(Date.now() / 1000 + 1), '--json', 'job')
    ).trimEnd()
    expect(until.split('\n').map(line => JSON.parse(line).action)).toEqual(['create', 'start', 'die'])
  })

  test.each([
    [['--since', 'yesterday'], 'FLAG_VALUE'],
    [['nosuch'], 'NO_SUCH_SERVICE'],
  ])('%j is refused', async (args, code) => {
    const result = await sandbox.run('events', ...args)
    expect(result).toMatchObject({ status: 1, stderr: expect.stringContaining(code) })
  })
})
