import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { expect, test } from 'vitest'
import { started } from './started.ts'

test('a child that has been begun is handed on, and one whose program is missing tells so itself', async () => {
  expect(await once(started(spawn('true', { stdio: 'ignore' })), 'close')).toEqual([0, null])
  const missing = started(spawn('/no/such/program', { stdio: 'pipe' }))
  expect(await once(missing, 'error')).toMatchObject([{ code: 'ENOENT' }])
})

test('one without streams is a failure at once, and what it tells later ends nobody', () => {
  const child = Object.assign(new EventEmitter(), { spawnfile: 'nft' })
  expect(() => started(child as ChildProcess)).toThrow(expect.objectContaining({ code: 'FD_LIMIT' }))
  expect(child.emit('error', new Error('spawn nft EMFILE'))).toBe(true)
})
