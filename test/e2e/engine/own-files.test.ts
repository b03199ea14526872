import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'
import { BIN, warmLab } from './warm-lab.ts'

// A path that means another file to each process is that of whoever typed the command, wherever it was named.
let sandbox: Sandbox

const { coldly, inShell } = warmLab(() => sandbox)

/** Run by the engine where it can be. */
const anyhow = (): Record<string, string> => ({ ...sandbox.env, TSCOMPOSE_COLD: '' })

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  const services = (text: string): string =>
    `name: own\nservices: {a: {image: busybox, command: env, ${text}}}\n`
  sandbox.write('compose.yaml', services('init: true'))
  sandbox.write('variables.yaml', services('env_file: /dev/stdin'))
  sandbox.write('include.yaml', 'name: own\ninclude: [/dev/stdin]\n')
  sandbox.write('extends.yaml', 'name: own\nservices: {a: {extends: {file: /dev/stdin, service: b}}}\n')
  sandbox.write('labels.yaml', services('label_file: /proc/self/fd/0'))
  sandbox.write('number.yaml', services('env_file: /dev/fd/3'))
  sandbox.write('pipe.yaml', services('env_file: ./pipe'))
  sandbox.write(
    'secret.yaml',
    'name: own\nservices: {a: {image: busybox, command: cat /run/secrets/s, secrets: [{source: s, mode: 0400}]}}\nsecrets: {s: {file: /dev/stdin}}\n',
  )
  symlinkSync('/dev/stdin', join(sandbox.folder, 'link.yaml'))
  symlinkSync('/dev/stdout', join(sandbox.folder, 'link.json'))
  sandbox.write('there/file', '')
  symlinkSync('/dev/fd/3', join(sandbox.folder, 'there/compose.yaml'))
  spawnSync('mkfifo', [join(sandbox.folder, 'pipe')])
  await sandbox.hold()
})
afterAll(() => sandbox.close())

test.each([
  ['variables', 'echo K=1 | "$t" -f variables.yaml config'],
  ['variables of a container', 'echo K=1 | "$t" -f variables.yaml run --rm -T --quiet a | /bin/grep K'],
  ['an included file', 'echo "services: {q: {image: x}}" | "$t" -f include.yaml config'],
  ['an extended one', 'echo "services: {b: {image: x}}" | "$t" -f extends.yaml config'],
  ['labels', 'echo K=1 | "$t" -f labels.yaml config'],
  ['a descriptor', 'echo K=1 > file; "$t" -f number.yaml config 3< file'],
  ['a link', 'echo "services: {q: {image: x}}" | "$t" -p own -f link.yaml config'],
  ['a link that is found', 'echo "services: {q: {image: x}}" > file; cd there; "$t" config 3< ../file'],
  [
    'a link that is found when the engine has no such container',
    'echo "services: {q: {image: x}}" > file; cd there; "$t" -p own exec -T q true 3< ../file; echo $?',
  ],
  ['a secret', 'echo hidden | "$t" -f secret.yaml run --rm -T --quiet a'],
  ['a named pipe', 'echo K=1 > pipe & "$t" -f pipe.yaml config'],
  ['a trace', 'TSCOMPOSE_TRACE=/dev/stdout "$t" ps -q | /usr/bin/cut -c1-15'],
  ['a trace behind a link', 'TSCOMPOSE_TRACE=link.json "$t" ps -q | /usr/bin/cut -c1-15'],
])('%s', async (_name, line) => {
  const expected = await inShell(line, coldly())
  expect(expected).toMatchObject({ status: 0, stdout: expect.stringMatching(/./) })
  expect(await inShell(line, anyhow())).toEqual(expected)
})

test.each([
  // openat(2) of whichever thread it is that runs JavaScript.
  ['a named pipe that a file names', 'pipe.yaml', /^(?:257|56) /],
  // read(2) of standard input.
  ['a file to be typed', '-', /^(?:0|63) 0x0 /],
])('who waits for %s is ended by the first signal, as a process of its own', async (_what, file, waiting) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const child = spawn(BIN, ['-f', file, 'config', '-q'], { cwd: sandbox.folder, env: anyhow() })
    const ended = new Promise(resolve => child.once('exit', (_status, by) => resolve(by)))
    const call = (): string => readFileSync(`/proc/${child.pid}/syscall`, 'utf8')
    const isNode = (): boolean => readFileSync(`/proc/${child.pid}/comm`, 'utf8').startsWith('node')
    await eventually('it waits', () => isNode() && waiting.test(call()))
    child.kill(signal)
    expect(await ended).toBe(signal)
  }
})
