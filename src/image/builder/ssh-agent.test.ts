import { once } from 'node:events'
import { mkdir, mkdtemp, open, rm, stat } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { openAgent } from './ssh-agent.ts'

test('a socket in a folder of any length leads to the agent, and no longer than it should', async () => {
  const top = await mkdtemp(join(tmpdir(), 'tscompose-agent-'))
  const agent = createServer(connection => {
    connection.on('data', (data: Buffer) => connection.end(`heard ${data.toString()}`))
  })
  onTestFinished(async () => {
    agent.close()
    await rm(top, { recursive: true })
  })
  agent.listen(join(top, 'agent'))
  await once(agent, 'listening')
  const folder = join(top, 'a'.repeat(100))
  await mkdir(folder)
  const { path, end } = await openAgent(join(top, 'agent'), folder, { mode: 0o640, uid: 0, gid: 0 })
  expect((await stat(path)).mode & 0o777).toBe(0o640)
  const handle = await open(folder, 'r')
  onTestFinished(() => handle.close())
  const near = `/proc/self/fd/${handle.fd}/agent`
  const asked = connect({ path: near, allowHalfOpen: true })
  asked.end('hi')
  expect(await text(asked)).toBe('heard hi')
  end()
  const late = connect(near)
  const [error] = await once(late, 'error')
  expect(error).toMatchObject({ code: expect.stringMatching(/^(?:ECONNREFUSED|ENOENT)$/) })
})
