import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { memoryFolder } from '../../linux/testing/memory-folder.ts'
import { fetchKept } from './kept-downloads.ts'

let folder: string
let server: Server
let content: string
let headers: Readonly<Record<string, string>>
/** Statuses that were answered. */
const answers: number[] = []

beforeEach(async () => {
  folder = memoryFolder('tscompose-kept-')
  mkdirSync(join(folder, 'kept'))
  answers.length = 0
  headers = { etag: '"1"', 'last-modified': 'Mon, 03 Feb 2020 04:05:06 GMT' }
  content = 'first'
  server = createServer((request, response) => {
    const status = isKnown(request) ? 304 : 200
    answers.push(status)
    response.writeHead(status, headers).end(status === 304 ? undefined : content)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

function isKnown({ headers: asked }: IncomingMessage): boolean {
  const { etag } = headers
  if (etag !== undefined) return asked['if-none-match'] === etag
  const modified = headers['last-modified']
  return modified !== undefined && asked['if-modified-since'] === modified
}

async function fetch(checksum?: string): Promise<string> {
  const { port } = server.address() as AddressInfo
  const path = join(folder, 'file')
  const { digest, mtime } = await fetchKept(`http://127.0.0.1:${port}/file`, {
    path,
    folder: join(folder, 'kept'),
    onAsk: () => undefined,
    ...(checksum === undefined ? {} : { checksum }),
  })
  const text = readFileSync(path, 'utf8')
  expect(digest).toBe(digestOf(text))
  expect(mtime).toBe('last-modified' in headers ? 1580702706 : 0)
  return text
}

const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`

test('a file that has not changed is asked after, and not sent again', async () => {
  expect([await fetch(), await fetch(), await fetch()]).toEqual(['first', 'first', 'first'])
  expect(answers).toEqual([200, 304, 304])
})

test('one that has changed comes, and is what is asked after from then on', async () => {
  await fetch()
  content = 'second'
  headers = { ...headers, etag: 'W/"2"' }
  expect([await fetch(), await fetch()]).toEqual(['second', 'second'])
  expect(answers).toEqual([200, 200, 304])
})

test('the time of the last change will do; where there is none it comes each time', async () => {
  headers = { 'last-modified': 'Mon, 03 Feb 2020 04:05:06 GMT' }
  await fetch()
  await fetch()
  expect(answers).toEqual([200, 304])
  headers = {}
  await fetch()
  await fetch()
  expect(answers).toEqual([200, 304, 200, 200])
})

test('what a checksum names is not even asked after, and another one is fetched', async () => {
  await fetch(digestOf('first'))
  await fetch(digestOf('first'))
  expect(answers).toEqual([200])
  content = 'second'
  expect(await fetch(digestOf('second'))).toBe('second')
  await expect(fetch(digestOf('third'))).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' })
})

test('what was damaged on the disk is not used, whatever is said', async () => {
  for (const damage of [
    (): void => writeFileSync(join(folder, 'kept/content'), 'damaged'),
    (): void => rmSync(join(folder, 'kept/content')),
    (): void => writeFileSync(join(folder, 'kept/facts.json'), '{"digest":'),
  ]) {
    await fetch()
    rmSync(join(folder, 'file'))
    damage()
    expect(await fetch()).toBe('first')
    expect(await fetch(digestOf('first'))).toBe('first')
  }
})
