import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { unpackInWorkers } from './unpack-workers.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-workers-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function program(text: string): string {
  const path = join(folder, 'worker.cjs')
  writeFileSync(path, text)
  return path
}

/** Bytes that come, and then neither more nor an end. */
async function* stalling(signal: AbortSignal): AsyncGenerator<Buffer> {
  yield Buffer.alloc(1000)
  if (!signal.aborted) await once(signal, 'abort')
  signal.throwIfAborted()
}

it('tells that a worker has died, also while it waits for bytes', async () => {
  const unpack = unpackInWorkers(program('process.once("message", () => process.exit(3))'))
  const place = { upper: folder, folder }
  await expect(unpack(stalling, place, new AbortController().signal)).rejects.toMatchObject({
    code: 'UNPACKER_DIED',
  })
})

it('gives back a failure of the other process as the failure that it was', async () => {
  const diagnostics = [{ severity: 'error', code: 'DISK_FULL', summary: 'full' }]
  const word = { kind: 'failed', problem: { failure: 'unavailable', diagnostics } }
  const unpack = unpackInWorkers(
    program(`process.on("disconnect", () => process.exit(0))
process.once("message", ({ job }) => process.send({ job, ...${JSON.stringify(word)} }))`),
  )
  const place = { upper: folder, folder }
  await expect(unpack(stalling, place, new AbortController().signal)).rejects.toMatchObject({
    code: 'DISK_FULL',
    kind: 'unavailable',
  })
})

it('lets a process without work go when the engine is about to end, before it would by itself', async () => {
  const left = join(folder, 'left')
  const ending = new AbortController()
  const unpack = unpackInWorkers(
    program(`process.on('disconnect', () => { require('node:fs').writeFileSync(${JSON.stringify(left)}, ''); process.exit(0) })
process.once('message', ({ job }) => process.send({ job, kind: 'failed', problem: { failure: 'internal', diagnostics: [] } }))`),
    ending.signal,
  )
  await unpack(stalling, { upper: folder, folder }, new AbortController().signal).catch(() => undefined)
  ending.abort()
  await vi.waitFor(() => expect(existsSync(left)).toBe(true), { timeout: 4000 })
})
