// A save or a restore that an engine is killed over: after each of its steps the next engine comes to the same end.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { enginePaths } from '../state/paths.ts'
import { beginIntent, carryOut, endIntent, type FileStep, finishFiles } from './intent.ts'

let folder: string
const at = (...path: string[]): string => join(folder, ...path)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-intent-'))
  for (const path of ['_data', 'next']) mkdirSync(at(path))
  writeFileSync(at('_data/file'), 'old')
  writeFileSync(at('next/file'), 'new')
  chmodSync(at('_data'), 0o750)
  warnings.length = 0
})
afterEach(() => rmSync(folder, { recursive: true }))

const warnings: string[] = []
const warn = ({ code }: { readonly code: string }): void => void warnings.push(code)
const engine = (): Parameters<typeof endIntent>[0] => ({
  paths: enginePaths(folder, folder),
  warn,
  snapshots: { intent: at('intent') },
})

const steps = (): FileStep[] => [
  { do: 'rename', from: at('_data'), to: at('old') },
  { do: 'rename', from: at('next'), to: at('_data') },
  { do: 'folder', path: at('upper'), like: at('old') },
  { do: 'write', path: at('records/record.json'), record: { version: 1 } },
]

/** As an engine has left it that was killed over its steps. */
function decided(stopped: readonly string[] = []): void {
  const intent = { version: 1, committed: true, steps: steps(), trash: [at('old')], stopped, paused: stopped }
  writeFileSync(at('intent'), JSON.stringify(intent))
}

test.each([0, 1, 2, 3, 4])('one that is decided is ended after %d of its steps', async done => {
  carryOut(at('before'), { steps: steps().slice(0, done), trash: [], stopped: [] })
  rmSync(at('before'))
  decided(['id'])
  const intent = finishFiles(at('intent'), warn)
  expect(intent?.stopped).toEqual(['id'])
  expect(intent?.paused).toEqual(['id'])
  expect(readFileSync(at('_data/file'), 'utf8')).toBe('new')
  expect(readFileSync(at('old/file'), 'utf8')).toBe('old')
  expect(statSync(at('upper')).mode & 0o777).toBe(0o750)
  expect(readFileSync(at('records/record.json'), 'utf8')).toBe('{"version":1}\n')
  await endIntent(engine(), { trash: [at('old')] })
  expect(readdirSync(folder).sort()).toEqual(['_data', 'records', 'upper'])
  expect(finishFiles(at('intent'), warn)).toBeUndefined()
})

test('one whose steps are done is not done again, whatever has become of what it put aside', () => {
  decided()
  finishFiles(at('intent'), warn)
  rmSync(at('old'), { recursive: true })
  finishFiles(at('intent'), warn)
  expect(readFileSync(at('_data/file'), 'utf8')).toBe('new')
})

test('one that was not leaves everything as it was', async () => {
  beginIntent(at('intent'), { trash: [at('next')], stopped: [] })
  const intent = finishFiles(at('intent'), warn)
  expect(readFileSync(at('_data/file'), 'utf8')).toBe('old')
  await endIntent(engine(), intent ?? { trash: [] })
  expect(readdirSync(folder)).toEqual(['_data'])
})

test('one that cannot be read is set aside', () => {
  writeFileSync(at('intent'), '{"version":1,"committed":"yes"}')
  expect(finishFiles(at('intent'), warn)).toBeUndefined()
  expect(readdirSync(folder)).toContain('intent.broken')
})

test('one of whose steps one cannot be done leaves everything as it was, and the next engine undoes what was done of it', () => {
  const stuck: FileStep[] = [...steps(), { do: 'rename', from: at('upper'), to: at('missing/upper') }]
  const asItWas = (): void => {
    expect(readFileSync(at('_data/file'), 'utf8')).toBe('old')
    expect(readFileSync(at('next/file'), 'utf8')).toBe('new')
    expect(readdirSync(folder).filter(name => name !== 'intent')).toEqual(['_data', 'next'])
  }
  const intent = { trash: [at('old')], prepared: [at('next')], stopped: ['id'] }
  expect(() => carryOut(at('intent'), { ...intent, steps: stuck })).toThrow(/ENOENT/)
  asItWas()
  carryOut(at('before'), { ...intent, steps: stuck.slice(0, 2) })
  rmSync(at('before'))
  expect(finishFiles(at('intent'), warn)).toMatchObject({ trash: [at('next')], stopped: ['id'] })
  expect(warnings).toEqual(['SNAPSHOT_BLOCKED'])
  asItWas()
})
