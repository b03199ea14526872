import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { watchHalfClosed } from './half-closed.ts'

test('a client that has ended its half is kept while it reads, and let go when it has gone, without a byte being sent', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tscompose-half-'))
  const path = join(folder, 'a.sock')
  const server = createServer({ allowHalfOpen: true }).listen(path)
  const client = createConnection({ path, allowHalfOpen: true })
  const [served] = (await once(server, 'connection')) as [Socket]
  served.on('error', () => undefined)
  watchHalfClosed(served, 10)
  let heard = ''
  client.on('data', bytes => {
    heard += bytes
  })
  client.end()
  served.resume()
  await once(served, 'end')
  await new Promise(resolve => setTimeout(resolve, 100))
  expect(served.destroyed).toBe(false)
  served.write('still here')
  await expect.poll(() => heard).toBe('still here')
  client.destroy()
  await new Promise(resolve => served.once('close', resolve))
  server.close()
  rmSync(folder, { recursive: true })
})
