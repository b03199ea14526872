import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readRecord, writeRecord, writeVolatile } from './record-files.ts'

interface Sample {
  readonly version: 1
  readonly name: string
}

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsc-record-'))
  path = join(folder, 'record.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

const read = (): ReturnType<typeof readRecord<Sample>> =>
  readRecord<Sample>(path, 1, value => 'name' in value)
const sample = (name: string): Sample => ({ version: 1, name })

test('what was written is read again, and nothing else is left', () => {
  writeRecord(path, sample('a'))
  writeRecord(path, sample('b'))
  expect(read()).toEqual({ record: sample('b') })
  expect(readdirSync(folder)).toEqual(['record.json'])
})

test('a shorter text over a longer one leaves nothing of it', () => {
  writeVolatile(path, sample('a'.repeat(9000)))
  writeVolatile(path, sample('b'))
  expect(read()).toEqual({ record: sample('b') })
})

test('no record is none', () => {
  expect(read()).toBeUndefined()
})

test.each([
  ['empty', ''],
  ['cut off', '{"version":1,"na'],
  ['a list', '[]'],
  ['of a later version', '{"version":2,"name":"a"}'],
  ['without its fields', '{"version":1}'],
])('a record that is %s is set aside', (_, text) => {
  writeFileSync(path, text)
  expect(read()).toMatchObject({ broken: { movedTo: `${path}.broken` } })
  expect(existsSync(path)).toBe(false)
})

test('a failed write keeps the old record', () => {
  writeRecord(path, sample('a'))
  expect(() => writeRecord(join(folder, 'no/such/folder.json'), sample('b'))).toThrow(
    expect.objectContaining({ code: 'RECORD_WRITE' }),
  )
  expect(read()).toEqual({ record: sample('a') })
})
