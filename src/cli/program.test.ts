import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runInProcess } from './run.test-support.ts'
import { VERSION } from './version.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-program-'))
  writeFileSync(
    join(folder, 'compose.yaml'),
    'services: {web: {image: web}, job: {image: job, profiles: [once]}}\n',
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

const run = (words: string, env: Readonly<Record<string, string>> = {}): ReturnType<typeof runInProcess> =>
  runInProcess(words === '' ? [] : words.split(' '), folder, env)

test.each(['', 'help', '--help', '-h', '--dry-run -h up'])('"%s" shows what there is', async words => {
  const { status, stdout } = await run(words)
  expect(status).toBe(0)
  expect(stdout).toMatch(/^Usage: tscompose \[OPTIONS\] COMMAND\n/)
})

test.each([
  'help exec',
  'exec --help',
  'exec -h',
  'exec -T --help web',
])('"%s" is the help of exec', async words => {
  const { status, stdout } = await run(words)
  expect(status).toBe(0)
  expect(stdout).toMatch(/^Usage: tscompose exec \[OPTIONS\] <SERVICE> <COMMAND> \[ARGS...\]\n/)
})

test('the version can be asked for in three ways', async () => {
  for (const words of ['-v', '--version', 'version', '--dry-run --version up'])
    expect(await run(words)).toEqual({ status: 0, stdout: `tscompose version ${VERSION}\n`, stderr: '' })
})

describe('a command line that is wrong ends with 1', () => {
  test.each([
    ['nosuch', 'COMMAND_UNKNOWN'],
    ['help nosuch', 'COMMAND_UNKNOWN'],
    ['--nosuch ps', 'FLAG_UNKNOWN'],
    ['config --nosuch', 'FLAG_UNKNOWN'],
    ['config -f compose.yaml', 'FLAG_UNKNOWN'],
    ['exec web', 'ARGUMENT_COUNT'],
    ['port web 80 81', 'ARGUMENT_COUNT'],
    ['--ansi sometimes config', 'FLAG_VALUE'],
    ['--parallel many config', 'FLAG_VALUE'],
    ['--parallel -5 config', 'FLAG_VALUE'],
    ['--instance= config', 'FLAG_VALUE'],
    ['config --instance=', 'FLAG_VALUE'],
    ['rmi x', "it is Docker's; here there is image rm"],
    ['network ls', "it is Docker's, whose client works with our engine: docker -H unix://"],
    ['--progress tty --ansi never config', 'FLAG_CONFLICT'],
    ['--progress plain --ansi always config', 'FLAG_CONFLICT'],
  ])('%s: %s', async (words, code) => {
    const { status, stdout, stderr } = await run(words)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain(code)
  })

  test('with --progress json in an object', async () => {
    const { status, stderr } = await run('--progress json port web http')
    expect(status).toBe(1)
    expect(JSON.parse(stderr)).toEqual({ error: true, message: expect.any(String) })
  })
})

describe('words and numbers of the environment are checked', () => {
  test.each([
    ['COMPOSE_ANSI', 'nosuch'],
    ['COMPOSE_PROGRESS', 'nosuch'],
    ['COMPOSE_PARALLEL_LIMIT', 'abc'],
    ['COMPOSE_PARALLEL_LIMIT', '-2'],
    ['COMPOSE_BAKE', 'nosuch'],
    ['COMPOSE_MENU', 'maybe'],
    ['COMPOSE_REMOVE_ORPHANS', 'perhaps'],
    ['COMPOSE_DISABLE_ENV_FILE', 'x'],
  ])('%s=%s', async (name, value) => {
    expect((await run('config -q', { [name]: value })).stderr).toContain(`FLAG_VALUE ${name}`)
    expect((await run('config -q', { [name]: '' })).status).toBe(0)
    expect((await run('--help', { [name]: value })).status).toBe(0)
  })

  test('and a flag wins', async () => {
    const env = { COMPOSE_ANSI: 'x', COMPOSE_PROGRESS: 'x', COMPOSE_PARALLEL_LIMIT: 'x' }
    expect((await run('config -q', { COMPOSE_INSTANCE: '' })).status).toBe(0)
    expect((await run('--ansi auto --progress plain --parallel 3 config -q', env)).status).toBe(0)
  })
})

describe('what Docker Compose does not take together is refused', () => {
  test.each([
    'up --build --no-build',
    'up --force-recreate --no-recreate',
    'up --always-recreate-deps --no-recreate',
    'up -V --no-recreate',
    'up --no-build --watch',
    'up --abort-on-container-exit --abort-on-container-failure',
    'up --attach web --attach-dependencies',
    ...['-d', '--wait'].flatMap(alone =>
      [
        '--abort-on-container-exit',
        '--abort-on-container-failure',
        '--exit-code-from web',
        '--attach web',
        '--attach-dependencies',
        '--watch',
      ].map(other => `up ${alone} ${other}`),
    ),
    'logs --index 1',
    'logs --index 1 web job',
  ])('%s', async words => {
    const { status, stderr } = await run(words, { DOCKER_HOST: 'unix:///nosuch.sock' })
    expect(status).toBe(1)
    expect(stderr).toContain('FLAG_CONFLICT')
  })

  test('COMPOSE_IGNORE_ORPHANS and --remove-orphans', async () => {
    const { stderr } = await run('up --remove-orphans', { COMPOSE_IGNORE_ORPHANS: '1' })
    expect(stderr).toContain('FLAG_CONFLICT COMPOSE_IGNORE_ORPHANS')
  })

  test('a switch that is off conflicts with nothing', async () => {
    const { stderr } = await run('up --build=false --no-build', { DOCKER_HOST: 'unix:///nosuch.sock' })
    expect(stderr).toContain('ENGINE_UNREACHABLE')
  })
})

describe('groups of commands', () => {
  test('show what is in them', async () => {
    for (const words of ['alpha', 'alpha --help', 'help alpha']) {
      const { status, stdout } = await run(words)
      expect(status).toBe(0)
      expect(stdout).toMatch(/^Usage: tscompose alpha COMMAND\n/)
      expect(stdout).toMatch(/^ {2}viz /m)
    }
    expect((await run('bridge')).stdout).toMatch(/^ {2}transformations COMMAND /m)
    expect((await run('help alpha viz')).stdout).toMatch(/^Usage: tscompose alpha viz /)
  })

  test('know no others', async () => {
    expect((await run('alpha nosuch')).stderr).toContain('COMMAND_UNKNOWN')
  })

  test.each([
    [['bridge', 'convert', '-t', 'mine']],
    [['bridge', 'transformations', 'create', 'mine']],
    [['bridge', 'transformations', 'list', '-q']],
    [['bridge', 'transformations', 'ls']],
  ])('%j says that it is not there yet', async words => {
    const { status, stderr } = await runInProcess(words, folder)
    expect(status).toBe(1)
    expect(stderr).toContain('COMMAND_NOT_YET')
  })
})

test('convert is config under its old name', async () => {
  expect(await runInProcess(['convert', '--services'], folder)).toEqual(
    await runInProcess(['config', '--services'], folder),
  )
})

describe('under the name of docker-compose', () => {
  const called = (...words: string[]) => runInProcess(words, folder, {}, 'docker-compose')

  test('the version is that of the commands that it takes', async () => {
    for (const words of [['-v'], ['--version'], ['version']])
      expect((await called(...words)).stdout).toMatch(/^Docker Compose version v\d+\.\d+\.\d+ \(tscompose /)
    expect((await called('version', '--short')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(JSON.parse((await called('version', '-f', 'json')).stdout).version).toMatch(/^v\d/)
  })

  test('an unknown command is answered with help and 1, none with help and 0', async () => {
    const unknown = await called('nosuch')
    expect(unknown.status).toBe(1)
    expect(unknown.stdout).toMatch(/^Usage: /)
    expect(unknown.stderr).toContain('COMMAND_UNKNOWN')
    for (const words of [[], ['-h'], ['--help']]) {
      const { status, stdout } = await called(...words)
      expect({ status, usage: stdout.slice(0, 6) }).toEqual({ status: 0, usage: 'Usage:' })
    }
  })

  test('docker compose may call it', async () => {
    expect((await called('compose', 'config', '--services')).stdout).toBe('web\n')
    expect((await run('compose config')).status).toBe(1)
  })
})

test('a wrong file is an object as well where progress is JSON', async () => {
  writeFileSync(join(folder, 'wrong.yaml'), 'services: {web: {imag: a, prots: b}}\n')
  const { status, stderr } = await run('--progress json -f wrong.yaml ps nosuch')
  expect(status).toBe(1)
  expect(JSON.parse(stderr)).toEqual({ error: true, message: expect.stringMatching(/imag[\s\S]*prots/) })
})

test('complete prints names for a shell, and starts nothing', async () => {
  const names = (...words: string[]) =>
    runInProcess(['complete', ...words], folder, { TSCOMPOSE_RUN: folder })
  expect(await names('services')).toEqual({ status: 0, stdout: 'job\nweb\n', stderr: '' })
  expect((await names('scales')).stdout).toBe('job=\nweb=\n')
  expect((await names('paths')).stdout).toBe('job:\nweb:\n')
  expect((await names('profiles')).stdout).toBe('once\n')
  for (const kind of ['containers', 'projects'])
    expect(await names(kind)).toEqual({ status: 0, stdout: '', stderr: '' })
  expect((await names('nosuch')).stderr).toContain('FLAG_VALUE')
})

test('habits of old scripts are taken', async () => {
  for (const words of [
    '--verbose config -q',
    '-D config -q',
    '--no-ansi config -q',
    '--compatibility config -q=true',
    '--dry-run=false config --quiet',
  ])
    expect(await run(words), words).toEqual({ status: 0, stdout: '', stderr: '' })
})
