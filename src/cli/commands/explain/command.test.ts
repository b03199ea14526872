import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCli } from '../../program.ts'
import { ownSignals } from '../../signals.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'explain-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

interface Result {
  readonly status: number
  readonly out: string
  readonly err: string
}

/** Runs `tscompose` in the folder with these files in it; `columns` makes the output a terminal. */
async function run(
  argv: readonly string[],
  files: Readonly<Record<string, string>>,
  { columns, env = {} }: { columns?: number; env?: Record<string, string> } = {},
): Promise<Result> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const texts = { out: '', err: '' }
  const sink = (name: 'out' | 'err'): NodeJS.WriteStream =>
    Object.assign(
      new Writable({
        write: (chunk, _encoding, done) => {
          texts[name] += String(chunk)
          done()
        },
      }),
      columns === undefined ? {} : { isTTY: true, columns },
    ) as unknown as NodeJS.WriteStream
  const streams = { stdin: process.stdin, stdout: sink('out'), stderr: sink('err') }
  const status = await runCli(argv, {
    streams,
    env,
    calledAs: 'tscompose',
    cwd: folder,
    signals: ownSignals,
    pid: process.pid,
    readInput: () => '',
  })
  return { status, ...texts }
}

const FILES = {
  'compose.yaml': [
    'services:',
    '  web:',
    '    image: "nginx:${TAG:-1}"',
    '    environment: {DEBUG: "1", LONG: "0123456789012345678901234567890123456789012345678901234567890123456789"}',
    '  tool: {image: t, profiles: [debug]}',
    'secrets: {s: {file: ./secret.txt}}',
    '',
  ].join('\n'),
  'compose.override.yaml': 'services: {web: {environment: {DEBUG: "2"}, secrets: [s]}}\n',
  'secret.txt': 'hush',
  '.env': 'TAG=7\n',
}

describe('tscompose explain', () => {
  test('SERVICE: every value on a line, aligned, without colour or cuts in a pipe', async () => {
    const { status, out, err } = await run(['explain', 'web'], FILES)
    expect([status, err]).toEqual([0, ''])
    const lines = out.split('\n')
    expect(lines).toContain(
      `  image${' '.repeat(6)}nginx:7${' '.repeat(43)}compose.yaml:3:12${' '.repeat(11)}written nginx:\${TAG:-1}; TAG="7" from .env:1`,
    )
    expect(lines).toContain(
      `    DEBUG    "2"${' '.repeat(47)}compose.override.yaml:1:39  over "1" at compose.yaml:4:26`,
    )
    expect(out).toContain('0123456789012345678901234567890123456789012345678901234567890123456789')
    expect(out).not.toContain('\x1b')
    expect(out).not.toContain('hush')
  })

  test('SERVICE.KEY: one value in full', async () => {
    const { out } = await run(['explain', 'web.environment.DEBUG'], FILES)
    expect(out).toBe(
      'services.web.environment.DEBUG = "2"\n  from      compose.override.yaml:1:39\n  overrode  "1" at compose.yaml:4:26\n',
    )
  })

  test('--json: paths, values and origins as data', async () => {
    const { out } = await run(['explain', 'web.image', '--json'], FILES)
    expect(JSON.parse(out)).toMatchObject({
      path: 'services.web.image',
      service: { name: 'web', enabled: true, profiles: [] },
      values: [
        {
          path: 'services.web.image',
          keys: ['services', 'web', 'image'],
          value: 'nginx:7',
          origin: {
            range: { file: join(folder, 'compose.yaml'), start: { line: 3, column: 12 } },
            written: 'nginx:${TAG:-1}',
            variables: [{ name: 'TAG', value: '7', range: { file: join(folder, '.env') } }],
            overrode: [],
          },
        },
      ],
    })
  })

  test('a variable that only decides keeps its value to itself', async () => {
    const files = { 'compose.yaml': 'services: {web: {image: "x:${PASS:+set}"}}', '.env': 'PASS=hush\n' }
    for (const argv of [
      ['explain', 'web'],
      ['explain', 'web', '--json'],
    ]) {
      const { status, out } = await run(argv, files)
      expect(status).toBe(0)
      expect(out).not.toContain('hush')
    }
  })

  test('on a terminal long values are cut and colours come, unless NO_COLOR is set', async () => {
    const shown = await run(['explain', 'web'], FILES, { columns: 100 })
    expect(shown.out).toContain('\x1b[')
    expect(shown.out).toContain('…')
    expect(shown.out).not.toContain('0123456789012345678901234567890123456789012345678901234567890123456789')
    const plain = await run(['explain', 'web'], FILES, { columns: 100, env: { NO_COLOR: '1' } })
    expect(plain.out).not.toContain('\x1b')
  })

  test('control characters of a value never reach the terminal', async () => {
    const files = {
      'compose.yaml': 'services: {web: {image: x, user: "a\\e]0;t\\a\\x9b1m", labels: {"k\\e[2J": v}}}',
    }
    const { out } = await run(['explain', 'web'], files, { columns: 100, env: { NO_COLOR: '1' } })
    expect(out).toContain('user')
    expect(out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
  })

  test('a disabled service says so, and which profile enables it', async () => {
    const off = await run(['explain', 'tool'], FILES)
    expect(off.status).toBe(0)
    expect(off.out).toMatch(/^tool is disabled: .*--profile debug/)
    const on = await run(['--profile', 'debug', 'explain', 'tool', '--json'], FILES)
    expect(JSON.parse(on.out)).toMatchObject({ service: { enabled: true, active: ['debug'] } })
  })

  test('-f several, --env-file and -p are heeded', async () => {
    const files = { ...FILES, 'b.yaml': 'services: {web: {image: "b:$TAG"}}', 'b.env': '\n\nTAG=8\n' }
    const argv = ['-f', 'compose.yaml', '-f', 'b.yaml', '--env-file', 'b.env', '-p', 'q']
    const { out } = await run([...argv, 'explain', 'web.image'], files)
    expect(out).toContain('= b:8')
    expect(out).toContain('TAG="8" from b.env:3')
    expect(out).toContain('overrode  nginx:8 at compose.yaml:3:12')
    expect((await run([...argv, 'explain', 'name'], files)).out).toContain('name = q')
  })

  test('an unknown name fails with a hint; a broken file as with config', async () => {
    const unknown = await run(['explain', 'web.imge'], FILES)
    expect([unknown.status, unknown.out]).toEqual([1, ''])
    expect(unknown.err).toContain('NO_SUCH_VALUE')
    const broken = { 'compose.yaml': 'services: {web: {imag: x}}' }
    const explained = await run(['explain', 'web'], broken)
    const config = await run(['config'], broken)
    expect([explained.status, explained.out]).toEqual([1, ''])
    expect(explained.err).toBe(config.err)
  })

  test('without an argument it fails, and its help has examples', async () => {
    expect((await run(['explain'], FILES)).status).toBe(1)
    const help = await run(['explain', '--help'], FILES)
    expect(help.status).toBe(0)
    expect(help.out).toContain('tscompose explain web.environment.DEBUG')
  })
})
