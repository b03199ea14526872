import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { writeWholeFile } from './whole-file.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-whole-'))
  path = join(folder, 'a.tar')
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (text: string): Promise<void> => writeWholeFile(Readable.from([text]), path, undefined)
const names = (): string[] => readdirSync(folder).sort()

test('a file has its name when it is whole, in the stead of the one before', async () => {
  writeFileSync(path, 'before')
  const content = new PassThrough()
  const written = writeWholeFile(content, path, undefined)
  content.write('af')
  await vi.waitFor(() => expect(names()).toHaveLength(2))
  expect(readFileSync(path, 'utf8')).toBe('before')
  content.end('ter')
  await written
  expect([names(), readFileSync(path, 'utf8')]).toEqual([['a.tar'], 'after'])
})

test('a stream that breaks off leaves nothing, nor does an abort', async () => {
  const broken = Readable.from(
    (function* () {
      yield 'half'
      throw new Error('broken')
    })(),
  )
  await expect(writeWholeFile(broken, path, undefined)).rejects.toMatchObject({ code: 'OUTPUT_FILE' })
  const abort = new AbortController()
  const written = writeWholeFile(new PassThrough(), path, abort.signal)
  await vi.waitFor(() => expect(names()).toHaveLength(1))
  abort.abort()
  await expect(written).rejects.toMatchObject({ name: 'Interrupted' })
  expect(names()).toEqual([])
})

test('what a killed writer left goes with the next one; what another writes to, and what is nobody’s, stays', async () => {
  const other = spawn('sleep', ['1000'], { stdio: ['ignore', 'ignore', 'ignore'] })
  const dead = Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }))
  const writer = spawn('sh', ['-c', 'exec 3>"$0.tscompose-$$-1.part"; echo; exec sleep 1000', path])
  await once(writer.stdout, 'data')
  const mine = `a.tar.tscompose-${writer.pid}-1.part`
  for (const name of [`.tscompose-${dead}.part`, `.tscompose-${other.pid}-7.part`, '.1.part'])
    writeFileSync(`${path}${name}`, '')
  await write('whole')
  expect(names()).toEqual(['a.tar', 'a.tar.1.part', mine])
  other.kill()
  writer.kill('SIGKILL')
  await once(writer, 'exit')
  await write('whole')
  expect(names()).toEqual(['a.tar', 'a.tar.1.part'])
})
