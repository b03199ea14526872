import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ownIdentity } from '../../linux/process-identity.ts'
import { acquireLock } from './engine-lock.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsc-lock-'))
  path = join(folder, 'engine.lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** This process as a lock file names it. */
const self = { ...ownIdentity(), startTime: String(ownIdentity().startTime) }
const dead = { pid: 4_000_000, startTime: '1', bootId: self.bootId }
const successionOf = (owner: typeof dead): string =>
  `${path}.after-${owner.pid}-${owner.startTime}-${owner.bootId}`

test('a free lock is taken, a held one refused, a released one free again', () => {
  const lock = acquireLock(path)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(self)
  expect(() => acquireLock(path)).toThrow(expect.objectContaining({ code: 'ENGINE_RUNNING' }))
  lock.release()
  expect(readdirSync(folder)).toEqual([])
  acquireLock(path).release()
})

test('a dead owner is succeeded, and nothing but the lock stays', () => {
  writeFileSync(path, JSON.stringify(dead))
  acquireLock(path)
  expect(readdirSync(folder)).toEqual(['engine.lock'])
})

test('an owner of another boot is dead, whatever its pid does now', () => {
  writeFileSync(path, JSON.stringify({ ...self, bootId: '00000000-0000-0000-0000-000000000000' }))
  acquireLock(path)
})

test('who died while succeeding is succeeded in turn; who lives is not', () => {
  writeFileSync(path, JSON.stringify(dead))
  writeFileSync(successionOf(dead), JSON.stringify({ ...dead, pid: 4_000_001 }))
  acquireLock(path).release()
  writeFileSync(path, JSON.stringify(dead))
  writeFileSync(successionOf(dead), JSON.stringify(self))
  expect(() => acquireLock(path)).toThrow(expect.objectContaining({ code: 'ENGINE_RUNNING' }))
})

test('a text that nobody can read has no living owner', () => {
  writeFileSync(path, 'garbage')
  acquireLock(path)
})
