import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as application from '../../../src/project/index.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// Projects as a program runs them: by the package's name, from the built files. The examples of the page are programs.
let folder: string

beforeAll(() => {
  // Inside of the package, where its own name leads to it.
  folder = mkdtempSync('dist/library-')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the examples after the first two are about, in their order. */
const OTHERS = [
  'changes',
  'registries',
  'looks',
  'follows',
  'asks',
  'watches',
  'commands',
  'runs',
  'files',
  'clusters',
  'errors',
]

const examplesOf = (page: string): string[] =>
  [...readFileSync(page, 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(match => match[1] ?? '')

/** Compiles programs as somebody would who has installed the package; throws where a type does not fit. */
function compile(programs: Readonly<Record<string, string>>): void {
  const paths = Object.entries(programs).map(([name, text]) => {
    const path = join(folder, `${name}.ts`)
    writeFileSync(path, text)
    return path
  })
  const options = [
    '--ignoreConfig',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--types',
    'node',
  ]
  execFileSync('npx', ['tsc', ...options, ...paths], { encoding: 'utf8', stdio: 'pipe' })
}

/** What a compiled program prints; it is run in this folder. */
async function run(name: string, cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  // One example passes on what is typed into its terminal.
  const running = promisify(execFile)(process.execPath, [resolve(folder, `${name}.js`)], {
    cwd,
    env,
    timeout: 100_000,
  })
  running.child.stdin?.end('exit 3\n')
  return (await running).stdout
}

/** A project with what the page's examples ask of examples/lamp, and quickly made. */
const LIKE_LAMP: Readonly<Record<string, string>> = {
  'compose.yaml': `services:
  db:
    build: ./db
    command: sleep infinity
    stop_signal: KILL
  web:
    build: ./web
    command: sh -c 'echo ready; exec httpd -f -p 80 -h /www'
    stop_signal: KILL
    develop: {watch: [{path: ./web, action: rebuild}]}
    ports: ["127.0.0.1::80"]
    depends_on: [db]
    healthcheck: {test: wget -qO- http://127.0.0.1/, interval: 1s}
`,
  'db/Dockerfile': 'FROM busybox\n',
  'web/Dockerfile': `FROM busybox
RUN echo www-data:x:33:33::/: >> /etc/passwd && mkdir /www && echo hello > /www/index.html
RUN printf '#!/bin/sh\\necho -n Linux\\n' > /bin/php && chmod +x /bin/php
`,
}

/** A registry that lets `ci` in, and has nothing. */
function answerAsRegistry({ headers }: IncomingMessage, response: ServerResponse): void {
  const isKnown = headers.authorization === `Basic ${Buffer.from('ci:secret').toString('base64')}`
  response.writeHead(isKnown ? 200 : 401, isKnown ? {} : { 'WWW-Authenticate': 'Basic realm="test"' }).end()
}

describe('the page about running projects', () => {
  const [first = '', shop = '', ...others] = examplesOf('docs/library.md')
  let sandbox: Sandbox
  const registry = createServer(answerAsRegistry)
  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
    for (const [path, text] of Object.entries(LIKE_LAMP)) sandbox.write(`examples/lamp/${path}`, text)
    sandbox.write('examples/published/compose.yaml', 'services: {web: {image: busybox}}\n')
    await once(registry.listen(0, '127.0.0.1'), 'listening')
    const { port } = registry.address() as AddressInfo
    // Nobody waits a minute for events; a command has as long as it takes.
    const here = (text: string) =>
      text.replaceAll('60_000', '500').replaceAll('1_000', '60_000').replaceAll(':5000', `:${port}`)
    const programs = others.map((text, at) => [
      OTHERS[at] ?? `other-${at}`,
      `import { shop } from './shop.js'\n${here(text)}`,
    ])
    compile({ first, shop, ...Object.fromEntries(programs) })
  })
  afterAll(async () => {
    registry.close()
    await sandbox.close()
  })

  test('types that none of its examples has are refused', () => {
    expect(() => compile({ wrong: first.replace('wait: true', "wait: 'yes'") })).toThrow()
  })

  test('it shows every function and every kind of failure', () => {
    const shown = new Set(
      [first, ...others].flatMap(text => /import \{([^}]*)\}/.exec(text)?.[1]?.match(/\w+/g) ?? []),
    )
    expect(Object.keys(application).filter(name => !shown.has(name))).toEqual([])
  })

  test('its first example brings a project up and down, of a folder that it names as one does', async () => {
    const said = await run('first', sandbox.folder, sandbox.env)
    expect(said).toMatch(/^Container lamp-test-web-1 Started$/m)
    expect(said.trim().split('\n').at(-1)).toBe('200 Linux')
    expect((await sandbox.ok('-p', 'lamp-test', 'ps', '-aq')).stdout).toBe('')
  })

  test('the others do what they show', async () => {
    const example = (name: string) => run(name, sandbox.folder, { ...sandbox.env, PASSWORD: 'secret' })
    expect(await example('changes')).toMatch(
      /^\[[\s\S]*'createContainer shop-web-1: [\s\S]*\]\n(?:shop-\w+-\d 137\n){3}removing \[ 'shop-db-1' \]\n$/,
    )
    const shopping = ['-p', 'shop', '-f', 'examples/lamp/compose.yaml']
    await sandbox.ok(...shopping, 'up', '-d', '--wait')
    expect(await example('looks')).toMatch(
      /^\[ 'db', 'web' \]\n[\s\S]*shop-db-1 running undefined 0\nshop-web-1 running healthy 0\nshop-web-1 shop-web latest \d+\nshop-web-1 1\nshop-web-1 true true\nshop 2\n127\.0\.0\.1:\d+\n$/,
    )
    expect(await example('registries')).toMatch(
      /^localhost:\d+ ci\nlocalhost:\d+\/shop:latest \[ 'compose.yaml' \]\ntrue\n$/,
    )
    expect(await example('watches')).toBe('watching\n')
    expect(await example('commands')).toMatch(/^0 hellome\n[\s\S]*\n3\n$/)
    expect(await example('runs')).toBe('2 mine\ntyped\n0\nshop-left\n137\n')
    expect(await example('files')).toMatch(
      /^\[ 'shop-web-1' \]\nshop-web-1\nshop-web-1\nsha256:[0-9a-f]{64}\n\[ 'web' \]\n$/,
    )
    expect(existsSync(join(sandbox.folder, 'examples/lamp/copied/compose.yaml'))).toBe(true)
    expect(await example('clusters')).toBe(
      "[ '00-namespace.yaml', '01-networks.yaml', 'db.yaml', 'web.yaml' ]\ntrue true\n",
    )
    expect(await example('errors')).toBe('')
    await expect(example('follows')).rejects.toMatchObject({
      stdout: expect.stringMatching(/^web-1 \S+ ready\n$/),
      // Its events end with the signal that it gave them.
      stderr: expect.stringContaining('Interrupted'),
    })
    await expect(example('asks')).rejects.toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('Interrupted'),
    })
    await sandbox.ok(...shopping, 'down')
  })
})

const COMPOSE = `name: scripted
services:
  talker:
    image: busybox
    command: sh -c 'i=0; while :; do i=$$((i+1)); echo line $$i; sleep 0.05; done'
    stop_signal: KILL
    ports: ["127.0.0.1::80"]
  mortal:
    image: busybox
    command: sh -c 'until [ -e /go/now ]; do sleep 0.05; done; exit 3'
    stop_signal: KILL
    volumes: ["./go:/go"]
`

/** What a program does with a project, and what it prints in the end. */
const SCRIPT = `import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { config, down, events, exec, execDetached, Failure, Interrupted, logs, openExec, port, ps, stop, up } from 'tscompose'

const said = {}
const project = { cwd: process.env.PROJECT }
const enginePid = () => Number(/\\d+/.exec(readFileSync(join(process.env.TSCOMPOSE_RUN, 'engine.lock'), 'utf8'))?.[0])
const codeOf = work => work.then(() => 'none', error => (error instanceof Failure ? error.code : error.name))

said.services = Object.keys((await config(project)).model.services)
const happenings = events(project)
await up(project)
said.started = []
while (said.started.length < 2) {
  const { value } = await happenings.next()
  if (value.action === 'start') said.started.push([value.service, value.attributes.image])
}

const running = await ps(project)
said.running = running.map(({ name, service, state, oneOff }) => [name, service, state, oneOff])
said.port = await port(project, 'talker', 80)

const command = ['sh', '-c', 'cat; echo $WHO; pwd; echo wrong >&2; exit 7']
said.exec = await exec(project, 'talker', command, { input: 'given ', env: { WHO: 'me', NOT: null }, workdir: '/tmp' })
said.stream = (await exec(project, 'talker', ['cat'], { input: Readable.from(['a', 'b']) })).stdout
let terminal = ''
const shell = await openExec(project, 'talker', ['sh'], { tty: true, onOutput: (stream, bytes) => { terminal += stream + bytes } })
await shell.resize({ rows: 33, columns: 44 })
shell.input.write('stty size; exit 5\\n')
said.shell = [await shell.ended(), /33 44/.test(terminal), terminal.includes('stderr')]
said.let = await codeOf(exec(project, 'talker', ['sleep', '600'], { signal: AbortSignal.timeout(100) }))
await execDetached(project, 'talker', ['touch', '/tmp/left'])
while ((await exec(project, 'talker', ['test', '-e', '/tmp/left'])).exitCode !== 0) await sleep(20)

said.lines = []
for await (const { type, container, text, time } of logs(project, { services: ['talker'], follow: true })) {
  said.lines.push(type === 'line' && container.service === 'talker' && !Number.isNaN(Date.parse(time)) ? text : type)
  if (said.lines.length === 5) process.kill(enginePid(), 'SIGKILL')
  if (said.lines.length === 25) break
}
said.tail = []
for await (const { type, stream } of logs(project, { services: ['talker'], tail: 2 })) said.tail.push(type + stream)
const following = async () => { for await (const _ of logs(project, { follow: true, signal: AbortSignal.timeout(200) })); }
said.interrupted = await codeOf(following())

// What was told came from an engine that is gone; the end of the container is another one's to tell.
process.kill(enginePid(), 'SIGKILL')
writeFileSync(join(project.cwd, 'go', 'now'), '')
for await (const { action, service, exitCode } of happenings) {
  if (action === 'start') said.started.push([service, 'twice'])
  if (action !== 'die') continue
  said.died = [service, exitCode]
  break
}
said.ended = (await ps(project, { all: true, states: ['exited'] })).map(({ service, exitCode }) => [service, exitCode])
said.codes = [
  await codeOf(exec(project, 'mortal', ['true'])),
  await codeOf(exec(project, 'nosuch', ['true'])),
  await codeOf(port(project, 'talker', 81)),
  await codeOf(ps(project, { services: ['nosuch'] })),
  await codeOf(logs(project, { services: ['nosuch'] }).next()),
  await codeOf(events(project, { services: ['nosuch'] }).next()),
  await codeOf(config({ ...project, files: ['nosuch.yaml'] })),
]
const pid = enginePid()
await down(project)
// A program that is done with a project holds no engine.
while (existsSync('/proc/' + pid)) await sleep(50)
console.log(JSON.stringify(said))
`

describe('a program', () => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
    mkdirSync(join(sandbox.folder, 'go'))
    sandbox.write('compose.yaml', COMPOSE)
  })
  afterAll(() => sandbox.close())

  test('runs a project, looks at it, and hears of it over engines that are killed', async () => {
    const path = join(folder, 'program.mjs')
    writeFileSync(path, SCRIPT)
    const env = { ...sandbox.env, PROJECT: sandbox.folder }
    const { stdout } = await promisify(execFile)(process.execPath, [path], { env, timeout: 200_000 })
    const said = JSON.parse(stdout)
    expect(said.started.map(String).sort()).toEqual(['mortal,busybox', 'talker,busybox'])
    expect(said).toEqual({
      services: ['mortal', 'talker'],
      started: expect.any(Array),
      running: [
        ['scripted-mortal-1', 'mortal', 'running', false],
        ['scripted-talker-1', 'talker', 'running', false],
      ],
      port: { address: '127.0.0.1', port: expect.any(Number) },
      exec: { exitCode: 7, stdout: 'given me\n/tmp\n', stderr: 'wrong\n' },
      stream: 'ab',
      shell: [5, true, false],
      let: 'Interrupted',
      lines: Array.from({ length: 25 }, (_value, index) => `line ${index + 1}`),
      tail: ['linestdout', 'linestdout'],
      interrupted: 'Interrupted',
      died: ['mortal', 3],
      ended: [['mortal', 3]],
      codes: [
        'SERVICE_NOT_RUNNING',
        'NO_SUCH_SERVICE',
        'PORT_NOT_PUBLISHED',
        'NO_SUCH_SERVICE',
        'NO_SUCH_SERVICE',
        'NO_SUCH_SERVICE',
        'FILE_NOT_FOUND',
      ],
    })
  }, 240_000)
})
