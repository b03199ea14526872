import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ownIdentity } from './process-identity.ts'
import { acquireLock } from './process-lock.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsc-lock-'))
  path = join(folder, 'engine.lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

const heldBy = (pid: number): Error => new Error(`held by ${pid}`)

/** This process as a lock file names it. */
const self = { ...ownIdentity(), startTime: String(ownIdentity().startTime) }
const dead = { pid: 4_000_000, startTime: '1', bootId: self.bootId }
const successionOf = (owner: typeof dead): string =>
  `${path}.after-${owner.pid}-${owner.startTime}-${owner.bootId}`

test('a free lock is taken, a held one refused, a released one free again', () => {
  const lock = acquireLock(path, heldBy)
  expect(lock.inherited).toBe(false)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(self)
  expect(() => acquireLock(path, heldBy)).toThrow(`held by ${process.pid}`)
  lock.release()
  expect(readdirSync(folder)).toEqual([])
  acquireLock(path, heldBy).release()
})

test('a lock is held no more once its file is gone or another’s, which stays', () => {
  const lock = acquireLock(path, heldBy)
  expect(lock.isHeld()).toBe(true)
  rmSync(path)
  expect(lock.isHeld()).toBe(false)
  writeFileSync(path, JSON.stringify(dead))
  expect(lock.isHeld()).toBe(false)
  lock.release()
  expect(readdirSync(folder)).toEqual(['engine.lock'])
})

test('a dead owner is succeeded, and nothing but the lock stays', () => {
  writeFileSync(path, JSON.stringify(dead))
  expect(acquireLock(path, heldBy).inherited).toBe(true)
  expect(readdirSync(folder)).toEqual(['engine.lock'])
})

test('an owner of another boot is dead, whatever its pid does now', () => {
  writeFileSync(path, JSON.stringify({ ...self, bootId: '00000000-0000-0000-0000-000000000000' }))
  acquireLock(path, heldBy)
})

test('who died while succeeding is succeeded in turn; who lives is not', () => {
  writeFileSync(path, JSON.stringify(dead))
  writeFileSync(successionOf(dead), JSON.stringify({ ...dead, pid: 4_000_001 }))
  acquireLock(path, heldBy).release()
  writeFileSync(path, JSON.stringify(dead))
  writeFileSync(successionOf(dead), JSON.stringify(self))
  expect(() => acquireLock(path, heldBy)).toThrow(`held by ${process.pid}`)
})

test('a text that nobody can read has no living owner', () => {
  writeFileSync(path, 'garbage')
  acquireLock(path, heldBy)
})
