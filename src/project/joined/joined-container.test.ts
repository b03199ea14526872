import { PassThrough, Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Docker } from '../../client/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { JoinedContainer } from './joined-container.ts'

const unreachable = (): Error =>
  failure({ code: 'ENGINE_UNREACHABLE', kind: 'unavailable', summary: 'the engine has ended' })

/** Stdout in a frame of the Engine API. */
function framed(text: string): Buffer {
  const head = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])
  head.writeUInt32BE(text.length, 4)
  return Buffer.concat([head, Buffer.from(text)])
}

test('an engine that dies while it is asked for the rest is followed by the next one', async () => {
  const logs = [new PassThrough(), Readable.from([framed('all of it')])]
  const [first] = logs
  const waits = [
    async () => {
      first?.destroy(unreachable())
      await setImmediate()
      throw unreachable()
    },
    async () => Readable.from([Buffer.from('{"StatusCode":5}')]),
  ]
  const container = { openLogs: async () => logs.shift(), openWait: () => waits.shift()?.() }
  let output = ''
  const joined = JoinedContainer.rejoin(
    {
      docker: { getContainer: () => container } as unknown as Docker,
      ...{ id: 'a'.repeat(64), tty: false, stdin: false, isNew: true, autoRemove: false },
      onOutput: (_stream, bytes) => {
        output += String(bytes)
      },
      reconnect: async () => undefined,
    },
    { isBegun: false, isWhole: false },
    { stdout: 4, stderr: 0 },
  )
  expect([await joined.ended(), output]).toEqual([5, 'of it'])
})

test('of a container that ended while no engine was there no output is waited for', async () => {
  const container = {
    attach: async () => new PassThrough(),
    inspect: async () => ({ State: { Running: false } }),
    openWait: async () => Readable.from([Buffer.from('{"StatusCode":4}')]),
  }
  const joined = JoinedContainer.rejoin(
    {
      docker: { getContainer: () => container } as unknown as Docker,
      ...{ id: 'a'.repeat(64), tty: false, stdin: false, isNew: false, autoRemove: false },
      onOutput: () => undefined,
      reconnect: async () => undefined,
    },
    { isBegun: false, isWhole: false },
    { stdout: 0, stderr: 0 },
  )
  expect(await joined.ended()).toBe(4)
})

test('nobody sees output before somebody waits for the end: signals are forwarded from then on', async () => {
  const stream = new PassThrough()
  const container = {
    attach: async () => stream,
    openWait: async () => Readable.from([Buffer.from('{"StatusCode":6}')]),
  }
  let output = ''
  const joined = await JoinedContainer.join({
    docker: { getContainer: () => container } as unknown as Docker,
    ...{ id: 'a'.repeat(64), tty: false, stdin: false, isNew: true, autoRemove: false },
    onOutput: (_stream, bytes) => {
      output += String(bytes)
    },
    reconnect: async () => undefined,
  })
  stream.end(framed('ready'))
  await setImmediate()
  expect(output).toBe('')
  expect([await joined.ended(), output]).toEqual([6, 'ready'])
})
