import { request } from 'node:http'
import { text } from 'node:stream/consumers'
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
  counter: {image: busybox, command: [sh, -c, "for n in 1 2 3 4 5; do echo $$n; sleep 0.002; done"]}
`,
  )
  await sandbox.ok('up', '-d')
  await sandbox.run('wait', 'job', 'counter')
  await eventually('the trap is set', async () => (await out('logs', 'web')).includes('ready'))
})
afterAll(() => sandbox.close())

const out = async (...args: string[]): Promise<string> => (await sandbox.ok(...args)).stdout
const words = (line: string): string[] => line.trim().split(/\s+/)

describe('top', () => {
  test('has the columns of Docker, and the pids of the host', async () => {
    // An init begins its command a moment after its start.
    const table = await eventually('both sleep', async () => {
      const text = await out('top', 'api')
      return text.match(/00:00:00 +sleep 1000$/gm)?.length === 2 ? text : undefined
    })
    const [header = '', ...rows] = table.trimEnd().split('\n')
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

describe('logs', () => {
  test('begin and end with the very line whose time is given', async () => {
    const stamped = (await out('logs', '-t', '--no-log-prefix', 'counter')).trimEnd().split('\n')
    const [, , time = ''] = stamped.map(line => line.split(' ')[0])
    const earlier = stamped.filter(line => line < time).length
    const parts = ['--since', '--until'].map(async option =>
      (await out('logs', '-t', '--no-log-prefix', option, time, 'counter')).trimEnd().split('\n'),
    )
    const at = stamped.filter(line => line.startsWith(time)).length
    expect(await Promise.all(parts)).toEqual([stamped.slice(earlier), stamped.slice(0, earlier + at)])
    expect(stamped).toHaveLength(5)
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

describe('stats', () => {
  test('are those of the running containers, in the columns of Docker', async () => {
    const table = (await out('stats', '--no-stream')).trimEnd().split('\n')
    expect(table[0]).toMatch(
      /^CONTAINER ID +NAME +CPU % +MEM USAGE \/ LIMIT +MEM % +NET I\/O +BLOCK I\/O +PIDS$/,
    )
    const size = '[\\d.]+[kKMG]?i?B'
    const row = `^[0-9a-f]{12} +(seen-\\w+-\\d) +[\\d.]+% +${size} / ${size} +[\\d.]+% +${size} / ${size} +${size} / ${size} +\\d+$`
    expect(table.slice(1).map(line => new RegExp(row).exec(line)?.[1])).toEqual([
      'seen-api-1',
      'seen-api-2',
      'seen-web-1',
    ])
    expect(
      await out('stats', '--no-stream', '--format', '{{.Name}}: {{index (split .MemUsage " / ") 1}}', 'web'),
    ).toBe('seen-web-1: 64MiB\n')
  })

  test('as JSON have the keys of Docker, also of what does not run', async () => {
    expect(await out('stats', '--no-stream', 'job')).toMatch(/^CONTAINER ID.*\n$/)
    const found = JSON.parse(await out('stats', '-a', '--no-stream', '--format', 'json', 'job'))
    expect(found).toEqual({
      BlockIO: '0B / 0B',
      CPUPerc: '0.00%',
      Container: expect.stringMatching(/^[0-9a-f]{64}$/),
      ID: expect.stringMatching(/^[0-9a-f]{12}$/),
      MemPerc: '0.00%',
      MemUsage: '0B / 0B',
      Name: 'seen-job-1',
      NetIO: '0B / 0B',
      PIDs: '0',
    })
  })

  test('tell how much of a processor is used', async () => {
    sandbox.write(
      'busy.yaml',
      'name: busy\nservices: {spin: {image: busybox, command: sh -c "while :; do :; done", init: true}}\n',
    )
    await sandbox.ok('-f', 'busy.yaml', 'up', '-d')
    const share = Number.parseFloat(
      await out('-p', 'busy', 'stats', '--no-stream', '--format', '{{.CPUPerc}}'),
    )
    // On a busy machine it has less than a whole processor, and never two.
    expect(share).toBeGreaterThan(1)
    expect(share).toBeLessThan(150)
    await sandbox.ok('-f', 'busy.yaml', 'down', '-t', '0')
  })

  test('go on over a killed engine, with what starts and without what ends', async () => {
    const shown = sandbox.start('stats', '--format', '{{.Name}}')
    // Nothing parts the looks but that names begin anew.
    const looks = (): string[][] => {
      const found: string[][] = []
      for (const name of shown.output.stdout.split('\n').filter(line => line !== '')) {
        const last = found.at(-1)
        if (last === undefined || last.includes(name) || (last.at(-1) ?? '') > name) found.push([name])
        else last.push(name)
      }
      return found
    }
    const sees = (what: string, wanted: readonly string[]): Promise<boolean> => {
      const from = looks().length
      return eventually(what, () =>
        looks()
          .slice(from)
          .some(look => look.join() === wanted.join()),
      )
    }
    await sees('all are seen', ['seen-api-1', 'seen-api-2', 'seen-web-1'])
    await sandbox.killEngine()
    await sees('all are seen again', ['seen-api-1', 'seen-api-2', 'seen-web-1'])
    await sandbox.ok('stop', 'api')
    await sees('what was stopped is not', ['seen-web-1'])
    await sandbox.ok('start', 'api')
    await sees('what was started is', ['seen-api-1', 'seen-api-2', 'seen-web-1'])
    shown.child.kill('SIGINT')
    expect((await shown.ended).status).toBe(130)
  })

  test('of the API come at once of what does not run, and end with the container', async () => {
    const ask = (path: string): Promise<string> =>
      new Promise((settle, reject) => {
        const call = request(
          { socketPath: sandbox.socket, path },
          answer => void text(answer).then(settle, reject),
        )
        call.on('error', reject).end()
      })
    const stopped = JSON.parse(await ask('/containers/seen-job-1/stats?stream=false'))
    expect(stopped).toMatchObject({
      read: '0001-01-01T00:00:00Z',
      pids_stats: {},
      memory_stats: {},
      storage_stats: {},
    })
    const stream = ask('/containers/seen-job-1/stats')
    // It has begun before the removal, or is refused after it.
    await sandbox.ok('rm', '-f', 'job')
    const lines = (await stream)
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines.every(line => line.name === '/seen-job-1' || line.message !== undefined)).toBe(true)
    const running = JSON.parse(await ask('/containers/seen-web-1/stats?stream=false'))
    expect(running.memory_stats.limit).toBe(64 << 20)
    expect(running.precpu_stats.system_cpu_usage).toBeLessThan(running.cpu_stats.system_cpu_usage)
  })

  test.each([
    [['web', 'api'], 'ARGUMENT_COUNT'],
    [['nosuch'], 'NO_SUCH_SERVICE'],
    [['--format', '{{.CPU}}'], 'TEMPLATE_VALUE'],
  ])('%j is refused', async (args, code) => {
    const result = await sandbox.run('stats', '--no-stream', ...args)
    expect(result).toMatchObject({ status: 1, stderr: expect.stringContaining(code) })
  })
})
