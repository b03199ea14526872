import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { program, requires } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

/** In the place of a key: something that the screen has to show before the next one. */
const UNTIL = 'until '
/** In the place of a key: the window gets this size, `resize 61 17`. */
const RESIZE = 'resize '

// What a person sees of `up` on a terminal, with times left out: tmux is the terminal.
const { describe, test } = requires(program('tmux'))

describe('screens of up', () => {
  let sandbox: Sandbox
  let screens = 0
  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
  })
  afterEach(async () => {
    await sandbox.run('down', '-t', '0')
  })
  afterAll(() => sandbox.close())

  const tmux = (...args: string[]): string =>
    execFileSync('tmux', ['-S', join(sandbox.folder, '..', `tmux${screens}`), '-f', '/dev/null', ...args], {
      encoding: 'utf8',
      env: { ...sandbox.env, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8' },
    })

  /** Runs a command on a terminal of this size until the screen shows what is waited for; returns all that it showed. */
  const screenOf = async (
    columns: number,
    command: string,
    shows: string,
    ...keys: string[]
  ): Promise<string[]> => {
    screens += 1
    const line = `cd ${sandbox.folder} && ${resolve('bin/tscompose')} ${command}; echo "ended with $?"; exec sleep 1000`
    tmux('-u', 'new-session', '-d', '-x', String(columns), '-y', '24', line, ';', 'set', 'status', 'off')
    try {
      const capture = (): string => tmux('capture-pane', '-p', '-S', '-')
      await eventually(`the screen shows ${shows}`, () => capture().includes(shows))
      for (const key of keys)
        if (key.startsWith(UNTIL)) await eventually(key, () => capture().includes(key.slice(UNTIL.length)))
        else if (key.startsWith(RESIZE)) {
          const [x = '', y = ''] = key.slice(RESIZE.length).split(' ')
          tmux('resize-window', '-x', x, '-y', y)
        } else tmux('send-keys', key)
      await eventually('the command ends', () => capture().includes('ended with'))
      return withoutTimes(capture())
    } finally {
      tmux('kill-server')
    }
  }

  const services = (count: number): string =>
    Array.from(
      { length: count },
      (_, at) =>
        `  ${at === 1 ? 'with-a-name-that-is-longer-than-what-a-window-has-room-for' : `s${at}`}: {image: busybox, command: sleep 1000, init: true}\n`,
    ).join('')

  test('of run: what runs has a terminal as large as the window, which follows it', {
    timeout: 240_000,
  }, async () => {
    sandbox.write(
      'compose.yaml',
      `name: shop
services:
  tool:
    image: busybox
    command: ["sh", "-c", "trap 'stty size' WINCH; stty size; echo ready; while :; do sleep 0.1; done"]
`,
    )
    const lines = await screenOf(
      80,
      'run --rm --name tool tool',
      '24 80',
      'until ready',
      'resize 61 17',
      'until 17 61',
      'C-c',
    )
    expect(lines).toContain('24 80')
    expect(lines).toContain('17 61')
    expect(lines.at(-1)).toBe('^Cended with 130')
  })

  const LONG = 'Container shop-with-a-name-that-is-longer-than-what-a-window-has-room-for-1'

  for (const [columns, width, long] of [
    [50, 25, 'Container sh…s-room-for-1'],
    [80, 55, 'Container shop-with-a-name-…hat-a-window-has-room-for-1'],
    [200, LONG.length, LONG],
  ] as const)
    test(`of ${columns} columns: a row a resource, in its last state, once; long names are cut in their middle`, {
      timeout: 240_000,
    }, async () => {
      sandbox.write('compose.yaml', `name: shop\nservices:\n${services(3)}`)
      const row = (name: string, word: string): string => ` ✔ ${name.padEnd(width)}  ${word}  TIME`
      expect(await screenOf(columns, 'up -d', 'Running')).toEqual([
        '[+] Running 4/4',
        row('Network shop_default', 'Created'),
        row('Container shop-s0-1', 'Started'),
        row('Container shop-s2-1', 'Started'),
        row(long, 'Started'),
        'ended with 0',
      ])
    })

  test('of 40 services on 24 lines: all of them in the end, and none twice', {
    timeout: 240_000,
  }, async () => {
    sandbox.write('compose.yaml', `name: shop\nservices:\n${services(40)}`)
    const [header, ...rows] = await screenOf(80, 'up -d', 'Running')
    expect(header).toBe('[+] Running 41/41')
    expect(rows.at(-1)).toBe('ended with 0')
    expect(rows.slice(0, -1).map(row => row.replace(/^ ✔ (\S+ \S+) +(\w+) {2}TIME$/, '$2'))).toEqual([
      'Created',
      ...Array.from({ length: 40 }, () => 'Started'),
    ])
    expect(new Set(rows).size).toBe(rows.length)
  })

  test('attached: what is settled stays, the rest follows among the logs, each once', {
    timeout: 240_000,
  }, async () => {
    sandbox.write(
      'compose.yaml',
      `name: shop
services:
  a: {image: busybox, command: sh -c "echo hello; exec sleep 1000", init: true}
  b: {image: busybox, command: sh -c "echo hello; exec sleep 1000", init: true, depends_on: [a]}
`,
    )
    const [network, attaching, ...rest] = await screenOf(
      80,
      'up',
      'b-1  | hello',
      `${UNTIL}b-1    Started`,
      'C-c',
    )
    expect([network, attaching]).toEqual([' ✔ Network shop_default  Created  TIME', 'Attaching to a-1, b-1'])
    // Which of a line and its container's start comes first is between the container and the engine.
    expect(rest.sort()).toEqual(
      [
        ' ✔ Container shop-a-1    Started  TIME',
        ' ✔ Container shop-b-1    Started  TIME',
        'a-1  | hello',
        'b-1  | hello',
        '^C',
        'Gracefully Stopping... press Ctrl+C again to force',
        ' Container shop-a-1  Stopping',
        ' Container shop-a-1  Stopped  TIME',
        ' Container shop-b-1  Stopping',
        ' Container shop-b-1  Stopped  TIME',
        'a-1 exited with code 143',
        'b-1 exited with code 143',
        'ended with 130',
      ].sort(),
    )
  })

  test('with a menu: keys below the logs, of which one turns the watch on and one leaves the containers to themselves', {
    timeout: 240_000,
  }, async () => {
    sandbox.write('src/file', 'x')
    sandbox.write(
      'compose.yaml',
      'name: shop\nservices:\n  a:\n    image: busybox\n    command: sh -c "echo hello; exec sleep 1000"\n    init: true\n' +
        '    develop: {watch: [{action: sync, path: ./src, target: /tmp/src}]}\n',
    )
    const screen = await screenOf(
      80,
      'up --menu',
      'w Enable Watch   d Detach',
      'w',
      `${UNTIL}Watch enabled`,
      'd',
    )
    expect(screen).toContain('⦿ Watch enabled')
    expect(screen.filter(line => line.includes('Detach'))).toEqual([])
    expect(screen.at(-1)).toBe('ended with 0')
    expect((await sandbox.ok('ps', '-q')).stdout).not.toBe('')
    // A watch that another one keeps from beginning leaves the logs as they are.
    const other = sandbox.start('watch', '--no-up')
    await eventually('another watch', () => other.output.stdout.includes('Watch enabled'))
    const beside = await screenOf(80, 'up --menu', 'Enable Watch', 'w', `${UNTIL}WATCH_RUNNING`, 'd')
    other.child.kill('SIGINT')
    await other.ended
    expect(beside.at(-1)).toBe('ended with 0')
    // Ctrl-C is what it is without a menu.
    const interrupted = await screenOf(80, 'up --menu', 'Enable Watch', 'C-c')
    expect(interrupted.slice(-2)).toEqual(['a-1 exited with code 143', 'ended with 130'])
    expect((await sandbox.ok('ps', '-q')).stdout).toBe('')
  })

  test('attached to containers that are there and stopped: their start ends what is drawn at once', {
    timeout: 240_000,
  }, async () => {
    sandbox.write(
      'compose.yaml',
      'name: shop\nservices:\n  a: {image: busybox, command: sh -c "echo hello; exec sleep 1000", init: true}\n',
    )
    await sandbox.ok('up', '--no-start')
    // What the container says may come before its start is known to have worked.
    const screen = await screenOf(80, 'up', 'Started', 'C-c')
    expect(screen[0]).toBe('Attaching to a-1')
    expect(screen).toContain(' ✔ Container shop-a-1  Started  TIME')
    expect(screen.at(-1)).toBe('ended with 130')
  })
})

/** Lines without their times and without the empty rest of the screen. */
function withoutTimes(screen: string): string[] {
  return screen
    .trimEnd()
    .split('\n')
    .map(line => line.replace(/ +\d+\.\ds$/, '  TIME').trimEnd())
}
