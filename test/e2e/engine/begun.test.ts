import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { MEMORY } from '../../../src/project/start-engine.ts'
import { requires, root } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'
import { type WarmLab, warmLab } from './warm-lab.ts'

// An engine that the launcher begins for a command is the one that the command would begin by itself.
const { describe } = requires(root)

const WRONG = 'services: {web: {image: [busybox]}}'

let sandbox: Sandbox
let lab: WarmLab
/** Each Node that is started, by its arguments. */
let started: string

describe('an engine that is begun for a command', () => {
  beforeAll(async () => {
    sandbox = makeSandbox()
    lab = warmLab(() => sandbox)
    await sandbox.busybox()
    sandbox.write('compose.yaml', 'services: {web: {image: busybox, command: sleep 1000, init: true}}')
    sandbox.write('wrong.yaml', WRONG)
    const folder = dirname(sandbox.folder)
    started = join(folder, 'started')
    mkdirSync(join(folder, 'bin'))
    // Variables that this shell adds are left out of what is compared.
    const script = `#!/bin/sh\necho "$*" >>${started}\nexec ${process.execPath} "$@"\n`
    writeFileSync(join(folder, 'bin/node'), script, { mode: 0o755 })
  })
  afterAll(() => sandbox.close())
  beforeEach(async () => {
    await gone()
    writeFileSync(started, '')
  })

  test('runs the command: Node is started once', async () => {
    const { status, stdout } = await begin(['up', '-d'])
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
    const [engine = '', ...others] = nodes()
    expect(engine).toMatch(new RegExp(`^${MEMORY.join(' ')} /.*/bin/start\\.cjs engine [0-9a-f]{16} up$`))
    expect(others).toEqual([])
    await lab.warm(['down', '-t', '0'])
  })

  test('is started as a command starts it: with its variables, in a session of its own', async () => {
    const seen: string[][] = []
    const env = { LANG: 'C', HTTP_PROXY: 'http://127.0.0.1:9', UNRELATED: 'no', TSCOMPOSE_IMAGES_MAX: '5GB' }
    for (const cold of ['', '1']) {
      await begin(['up', '-d'], { ...env, TSCOMPOSE_COLD: cold })
      seen.push(partsOf(sandbox.enginePid() ?? 0))
      await lab.warm(['down', '-t', '0'])
      await gone()
    }
    expect(seen[0]).toEqual(seen[1])
    expect(seen[0]?.join()).not.toContain('UNRELATED')
  })

  test.each([
    ['config', '-q'],
    ['up', '-d', '--help'],
    ['build', '--print'],
    ['ps'],
    ['up', '-d', '--bogus'],
    ['-f', 'wrong.yaml', 'up', '-d'],
  ])('%s %s %s %s: what comes of it is what comes of a process of its own', async (...words) => {
    const warm = await begin(words)
    // It would wait ten seconds for whoever has begun it.
    if (sandbox.enginePid() !== undefined) await sandbox.killEngine()
    expect(warm).toEqual(await lab.cold(words))
  })

  test('commands at the same moment come to one engine', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => begin(['up', '-d'])))
    expect(all.map(({ status }) => status)).toEqual([0, 0, 0, 0, 0, 0])
    await lab.warm(['down', '-t', '0'])
  })

  test('one that cannot start is told of as by a process of its own', async () => {
    const env = { TSCOMPOSE_ROOT: '/proc/none' }
    expect(await begin(['up', '-d'], env)).toEqual(await lab.cold(['up', '-d'], { env }))
  })
})

function begin(words: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const PATH = `${join(dirname(sandbox.folder), 'bin')}:${process.env['PATH']}`
  return lab.warm(words, { env: { PATH, TSCOMPOSE_COLD: '', ...more } })
}

const nodes = (): string[] => readFileSync(started, 'utf8').split('\n').filter(Boolean)

const gone = (): Promise<unknown> => eventually('the engine is gone', () => sandbox.enginePid() === undefined)

/** Variables of a process, but for those of the shell that stands for Node here, whether a session is its own, and its terminal. */
function partsOf(pid: number): string[] {
  const texts = (name: string): string[] =>
    readFileSync(`/proc/${pid}/${name}`, 'utf8').split('\0').filter(Boolean)
  const [, session = ''] = /\) . (.*)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
  const [, , own, terminal] = session.split(' ')
  return [
    ...texts('environ')
      .filter(text => !text.startsWith('PWD=') && !text.startsWith('_='))
      .sort(),
    String(own === String(pid)),
    terminal ?? '',
  ]
}
