import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { LINT_RULES } from '../../../lint/index.ts'
import { type CliResult, runInProcess } from '../../run.test-support.ts'

const folder = mkdtempSync(join(tmpdir(), 'tscompose-lint-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A folder with one Compose file. */
function project(name: string, text: string): string {
  const path = join(folder, name)
  mkdirSync(path)
  writeFileSync(join(path, 'compose.yaml'), text)
  return path
}

const CLEAN = project('clean', 'services:\n  a:\n    image: nginx:1.27\n')
const NOTES = project('notes', 'services:\n  a:\n    image: nginx:1.27\n    ports: ["81:81"]\n')
const WARNINGS = project(
  'warnings',
  'services:\n  a:\n    image: nginx\n    ports: ["81:81"]\n  b:\n    image: busybox\nvolumes:\n  v1:\n',
)
const UNUSED = project('unused', 'services: {a: {image: "nginx:1.27"}}\nvolumes: {v1: , v2: }\n')
const WRONG = project('wrong', 'services:\n  a:\n    imag: nginx\n')
const lint = (cwd: string, ...argv: string[]): Promise<CliResult> => runInProcess(['lint', ...argv], cwd)

describe('the exit status is', () => {
  test.each([
    ['0 for a clean file', CLEAN, ['--fail-on', 'note'], 0],
    ['0 for notes and warnings', WARNINGS, [], 0],
    ['0 for notes alone with --strict', NOTES, ['--strict'], 0],
    ['2 for notes with --fail-on note, shown or not', NOTES, ['-q', '--fail-on', 'note'], 2],
    ['2 for warnings with --strict', WARNINGS, ['--strict'], 2],
    ['2 for warnings with --fail-on note', WARNINGS, ['-q', '--fail-on', 'note'], 2],
    ['1 for a wrong file, with --strict too', WRONG, ['--strict'], 1],
  ])('%s', async (_, cwd, argv, status) => {
    expect((await lint(cwd, ...argv)).status).toBe(status)
  })
})

describe('as text', () => {
  test('every finding has its line of the file; the last line counts', async () => {
    const { stdout } = await lint(WARNINGS, 'b')
    expect(stdout.split('\n')).toEqual([
      expect.stringContaining(`warning IMAGE_NOT_PINNED ${WARNINGS}/compose.yaml:6:12 services.b.image: `),
      '    5 |   b:',
      '  > 6 |     image: busybox',
      '      |            ^^^^^^^',
      expect.stringMatching(/^ {2}hint: /),
      '1 warning',
      '',
    ])
  })

  test('findings of one rule are told together, unless --all is given', async () => {
    const { stdout } = await lint(UNUSED)
    expect(stdout).toContain('warning UNUSED_VOLUME in 2 places\n')
    expect((await lint(UNUSED, '--all')).stdout.match(/^warning UNUSED_VOLUME /gm)).toHaveLength(2)
  })

  test('what most files have some of is one line at the end', async () => {
    expect((await lint(WARNINGS)).stdout.trim().split('\n').slice(-2)).toEqual([
      '1 warning',
      'advice: IMAGE_NOT_PINNED (2), PORT_ON_EVERY_INTERFACE: --all shows where and why',
    ])
    expect((await lint(NOTES)).stdout).toBe(
      'Nothing to warn of\nadvice: PORT_ON_EVERY_INTERFACE: --all shows where and why\n',
    )
  })

  test('-q leaves notes out, --ignore leaves codes out', async () => {
    expect((await lint(NOTES, '-q')).stdout).toBe('Nothing to warn of\n')
    const { stdout } = await lint(WARNINGS, '--ignore', 'IMAGE_NOT_PINNED,UNUSED_VOLUME')
    expect(stdout).not.toMatch(/IMAGE_NOT_PINNED|UNUSED_VOLUME/)
  })

  test('errors of a wrong file are shown', async () => {
    expect((await lint(WRONG)).stdout).toContain('error UNKNOWN_ATTRIBUTE')
  })
})

describe('as JSON', () => {
  test('there is one document of findings with their places', async () => {
    const { stdout } = await lint(WARNINGS, '--json', 'a')
    const file = `${WARNINGS}/compose.yaml`
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      findings: [
        {
          severity: 'warning',
          code: 'IMAGE_NOT_PINNED',
          path: 'services.a.image',
          summary: expect.any(String),
          hint: expect.any(String),
          file,
          start: { line: 3, column: 12 },
          end: { line: 3, column: 17 },
        },
        expect.objectContaining({ severity: 'note', code: 'PORT_ON_EVERY_INTERFACE' }),
      ],
      counts: { error: 0, warning: 1, note: 1 },
    })
  })

  test('a wrong file gives its errors in the same form', async () => {
    const { findings, counts } = JSON.parse((await lint(WRONG, '--json')).stdout)
    expect(findings).toContainEqual(expect.objectContaining({ severity: 'error', code: 'UNKNOWN_ATTRIBUTE' }))
    expect(counts.error).toBe(findings.length)
  })
})

describe('for GitHub', () => {
  test('each finding is an annotation, with special characters escaped', async () => {
    const cwd = project('a,b', 'services:\n  a: {image: "nginx:1", healthcheck: {test: "100%"}}\n')
    const { stdout } = await lint(cwd, '--format', 'github')
    expect(stdout).toMatch(
      /^::notice file=compose\.yaml,line=2,endLine=2,col=\d+,endColumn=\d+,title=NO_START_PERIOD::[^\n]*%0Ahint: [^\n]*\n$/,
    )
  })

  test('paths are relative to the checkout', async () => {
    const { stdout } = await runInProcess(['lint', '--format', 'github', 'b'], WARNINGS, {
      GITHUB_WORKSPACE: folder,
    })
    expect(stdout).toContain('::warning file=warnings/compose.yaml,line=6,')
    const odd = await runInProcess(['-f', 'a,b/compose.yaml', 'lint', '--format', 'github'], folder)
    expect(odd.stdout).toContain('file=a%2Cb/compose.yaml,')
  })
})

test('as SARIF each result names its rule and place', async () => {
  const log = JSON.parse((await lint(WARNINGS, '--format', 'sarif', 'b')).stdout)
  const [run] = log.runs
  expect(log.version).toBe('2.1.0')
  expect(run.results).toEqual([
    {
      ruleId: 'IMAGE_NOT_PINNED',
      ruleIndex: expect.any(Number),
      level: 'warning',
      message: { text: expect.any(String) },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'compose.yaml', uriBaseId: 'WORKDIR' },
            region: { startLine: 6, startColumn: 12, endLine: 6, endColumn: 19 },
          },
        },
      ],
    },
  ])
  expect(run.tool.driver.rules[run.results[0].ruleIndex].id).toBe('IMAGE_NOT_PINNED')
  expect(run.originalUriBaseIds.WORKDIR.uri).toBe(`file://${WARNINGS}/`)
})

describe('--rules', () => {
  test('lists every code with a line, without a Compose file', async () => {
    const { status, stdout } = await lint(folder, '--rules')
    expect(status).toBe(0)
    expect(
      stdout
        .trim()
        .split('\n')
        .map(line => line.split(' ')[0]),
    ).toEqual(LINT_RULES.map(({ code }) => code))
  })

  test('as JSON too', async () => {
    expect(JSON.parse((await lint(folder, '--rules', '--json')).stdout)).toEqual({
      version: 1,
      rules: LINT_RULES.map(({ code, severity, about }) => ({ code, severity, about })),
    })
  })
})

test.each([
  [['--ignore', 'NOPE'], 'FLAG_VALUE'],
  [['--json', '--format', 'sarif'], 'FLAG_CONFLICT'],
  [['--strict', '--fail-on', 'note'], 'FLAG_CONFLICT'],
  [['nope'], 'NO_SUCH_SERVICE'],
])('%j is refused', async (argv, code) => {
  const { status, stderr } = await lint(CLEAN, ...argv)
  expect([status, stderr.split(' ')[1]]).toEqual([1, code])
})
