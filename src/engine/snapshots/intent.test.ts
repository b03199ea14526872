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
import { beginIntent, carryOut, endIntent, type FileStep, finishFiles } from './intent.ts'

let folder: string
const at = (...path: string[]): string => join(folder, ...path)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-intent-'))
  for (const path of ['_data', 'next']) mkdirSync(at(path))
  writeFileSync(at('_data/file'), 'old')
  writeFileSync(at('next/file'), 'new')
  chmodSync(at('_data'), 0o750)
})
afterEach(() => rmSync(folder, { recursive: true }))

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
  const intent = finishFiles(at('intent'))
  expect(intent?.stopped).toEqual(['id'])
  expect(intent?.paused).toEqual(['id'])
  expect(readFileSync(at('_data/file'), 'utf8')).toBe('new')
  expect(readFileSync(at('old/file'), 'utf8')).toBe('old')
  expect(statSync(at('upper')).mode & 0o777).toBe(0o750)
  expect(readFileSync(at('records/record.json'), 'utf8')).toBe('{"version":1}\n')
  await endIntent(at('intent'), { trash: [at('old')] })
  expect(readdirSync(folder).sort()).toEqual(['_data', 'records', 'upper'])
  expect(finishFiles(at('intent'))).toBeUndefined()
})

test('one whose steps are done is not done again, whatever has become of what it put aside', () => {
  decided()
  finishFiles(at('intent'))
  rmSync(at('old'), { recursive: true })
  finishFiles(at('intent'))
  expect(readFileSync(at('_data/file'), 'utf8')).toBe('new')
})

test('one that was not leaves everything as it was', async () => {
  beginIntent(at('intent'), { trash: [at('next')], stopped: [] })
  expect(() => beginIntent(at('intent'), { trash: [], stopped: [] })).toThrow('not ended')
  const intent = finishFiles(at('intent'))
  expect(readFileSync(at('_data/file'), 'utf8')).toBe('old')
  await endIntent(at('intent'), intent ?? { trash: [] })
  expect(readdirSync(folder)).toEqual(['_data'])
})

test('one that cannot be read is set aside', () => {
  writeFileSync(at('intent'), '{"version":1,"committed":"yes"}')
  expect(finishFiles(at('intent'))).toBeUndefined()
  expect(readdirSync(folder)).toContain('intent.broken')
})
