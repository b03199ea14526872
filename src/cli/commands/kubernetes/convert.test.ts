import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type CliResult, runInProcess } from '../../run.test-support.ts'

const folder = mkdtempSync(join(tmpdir(), 'tscompose-convert-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SECRET = 'hunter2-of-the-command'
const FILE = `name: shop
services:
  web:
    image: r/web:1
    restart: on-failure
    secrets: [s]
    ports: ["80:80"]
  db: {image: r/db:1, environment: {PASSWORD: of-the-environment}}
secrets: {s: {file: ./s.txt}}
`
writeFileSync(join(folder, 'compose.yaml'), FILE)
writeFileSync(join(folder, 's.txt'), SECRET)

const convert = (...argv: string[]): Promise<CliResult> =>
  runInProcess(['convert', 'kubernetes', ...argv], folder)
const namesIn = (output: string): string[] => readdirSync(join(folder, output)).sort()

test('writes manifests, and tells what is lost with its line', async () => {
  const { status, stdout, stderr } = await convert('-o', 'k8s')
  expect(status).toBe(0)
  const names = ['00-namespace.yaml', '01-networks.yaml', '01-secrets.yaml', 'db.yaml', 'web.yaml']
  expect(namesIn('k8s')).toEqual(names)
  expect(stdout.trimEnd().split('\n').sort()).toEqual(names.map(name => `k8s/${name}`))
  expect(stderr).toContain(`warning KUBERNETES_RESTART ${folder}/compose.yaml:5:14 services.web.restart`)
})

test('writes secrets for their owner alone, and nowhere else', async () => {
  const results = [await convert('-o', 'hidden'), await convert('--explain'), await convert('--json')]
  const told = results.map(({ stdout, stderr }) => stdout + stderr).join('')
  const encoded = Buffer.from(SECRET).toString('base64')
  for (const text of [SECRET, encoded]) expect(told).not.toContain(text)
  const modeOf = (name: string): number => statSync(join(folder, 'hidden', name)).mode & 0o777
  expect(['01-secrets.yaml', 'db.yaml', 'web.yaml'].map(modeOf)).toEqual([0o600, 0o600, 0o644])
  const holding = namesIn('hidden').filter(name =>
    readFileSync(join(folder, 'hidden', name), 'utf8').includes(encoded),
  )
  expect(holding).toEqual(['01-secrets.yaml'])
})

describe('into a folder that is there', () => {
  test('replaces what an earlier run has made, removes what is not made any more, and leaves the rest', async () => {
    await convert('-o', 'again')
    writeFileSync(join(folder, 'again/mine.yaml'), 'mine: true\n')
    chmodSync(join(folder, 'again/01-secrets.yaml'), 0o644)
    await convert('-o', 'again', 'web')
    expect(namesIn('again')).toEqual([
      '00-namespace.yaml',
      '01-networks.yaml',
      '01-secrets.yaml',
      'mine.yaml',
      'web.yaml',
    ])
    expect(statSync(join(folder, 'again/01-secrets.yaml')).mode & 0o777).toBe(0o600)
  })

  test('replaces no file of somebody else’s, and writes nothing then', async () => {
    await convert('-o', 'foreign')
    rmSync(join(folder, 'foreign/db.yaml'))
    writeFileSync(join(folder, 'foreign/web.yaml'), 'mine: true\n')
    const { status, stderr } = await convert('-o', 'foreign')
    expect(status).toBe(1)
    expect(stderr).toContain('OUTPUT_FILE')
    expect(namesIn('foreign')).not.toContain('db.yaml')
  })

  test('that is a file is refused', async () => {
    const { status, stderr } = await convert('-o', 's.txt')
    expect([status, stderr.includes('OUTPUT_FILE')]).toEqual([1, true])
  })
})

test('--dry-run, --explain and --json write nothing', async () => {
  const before = namesIn('.')
  expect((await convert('--dry-run')).stdout).toContain('would write out/web.yaml\n')
  expect((await convert('--explain')).stdout).toMatch(
    /^Service web-published\n {2}.*\n {4}compose\.yaml:7 services\.web\.ports\[0\]/m,
  )
  expect(JSON.parse((await convert('--json')).stdout)).toMatchObject({
    losses: [{ code: 'KUBERNETES_RESTART' }],
  })
  expect(namesIn('.')).toEqual(before)
})

test('--strict fails where anything is lost, and writes nothing then', async () => {
  const { status, stdout } = await convert('--strict', '-o', 'strict')
  expect([status, stdout, existsSync(join(folder, 'strict'))]).toEqual([1, '', false])
  expect((await convert('--strict', '-o', 'strict', 'db')).status).toBe(0)
})

test('bridge convert writes the same into out', async () => {
  const { status } = await runInProcess(['bridge', 'convert'], folder)
  expect(status).toBe(0)
  expect(namesIn('out')).toEqual(namesIn('k8s'))
})

test('a chart and a base have what their tools read first', async () => {
  await convert('-o', 'chart', '--format', 'helm')
  expect(namesIn('chart')).toEqual(['Chart.yaml', 'templates', 'values.yaml'])
  await convert('-o', 'base', '--format', 'kustomize')
  expect(namesIn('base')).toContain('kustomization.yaml')
})

test('what Kubernetes does not take is refused with its line, and nothing is written', async () => {
  writeFileSync(
    join(folder, 'wrong.yaml'),
    'services:\n  a:\n    image: r/a:1\n    x-tscompose-kubernetes: {host: Bad_Host}\n',
  )
  const { status, stderr } = await runInProcess(
    ['-f', 'wrong.yaml', 'convert', 'kubernetes', '-o', 'refused'],
    folder,
  )
  expect([status, existsSync(join(folder, 'refused'))]).toEqual([1, false])
  expect(stderr).toContain('KUBERNETES_VALUE')
  expect(stderr).toContain('wrong.yaml:4:')
})
