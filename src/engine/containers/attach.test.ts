import { expect, test, vi } from 'vitest'
import type { AttachSession, ContainerWaitResponse } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import type { AttachSink, MonitorConnection, MonitorStatus } from '../../native/index.ts'
import { Container } from '../state/container.ts'
import type { ContainerRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { Live } from '../state/live.ts'
import type { ContainerPaths } from '../state/paths.ts'
import { attachContainer } from './attach.ts'
import { waitFor } from './wait.ts'

const ALL = { logs: false, stream: true, stdin: false, stdout: true, stderr: true }
const EXIT = 5n

/** A container that runs, a client that is attached and waits for its exit, and the monitor, which the test plays. */
async function run() {
  let sink: AttachSink | undefined
  let tell: (status: MonitorStatus) => void = () => undefined
  let breakOff = (): void => {}
  const connection = {
    closed: new Promise<void>(resolve => {
      breakOff = resolve
    }),
    attach: async (given: AttachSink) => {
      sink = given
    },
    subscribe: async (listener: typeof tell) => {
      tell = listener
    },
    close: () => breakOff(),
    pause: () => undefined,
    resume: () => undefined,
  } as unknown as MonitorConnection
  const record = { name: 'c', config: {}, hostConfig: {}, state: { exitCode: 0, error: '' } }
  const container = new Container(record as unknown as ContainerRecord, {} as ContainerPaths)
  container.live = new Live(connection, () => Promise.reject(new Error('nobody asks')))
  const engine = { native: { connectMonitor: async () => connection } } as unknown as EngineContext
  const session = await attachContainer(engine, container, ALL)
  const { result } = waitFor(container, 'next-exit', new AbortController().signal)
  return {
    session,
    result,
    write: (text: string) => sink?.onOutput('stdout', Buffer.from(text)),
    lose: () => sink?.onLost?.(),
    end: () => {
      tell({ finishedAt: EXIT } as MonitorStatus)
      container.lastExit = EXIT
      container.tellExit({ StatusCode: 0 })
      container.live?.settle()
      breakOff()
    },
  }
}

async function isAnswered(result: Promise<ContainerWaitResponse>): Promise<boolean> {
  const pending = new Promise<'pending'>(resolve => setImmediate(resolve, 'pending'))
  return (await Promise.race([result, pending])) !== 'pending'
}

async function take({ output }: AttachSession): Promise<string> {
  let text = ''
  for await (const { bytes } of output) text += Buffer.from(bytes).toString()
  return text
}

test('the exit is told when the client has taken the last byte, though the monitor has gone long ago', async () => {
  const { session, result, write, end } = await run()
  write('one ')
  write('two')
  end()
  expect(await isAnswered(result)).toBe(false)
  expect(await take(session)).toBe('one two')
  expect(await result).toEqual({ StatusCode: 0 })
})

test('a client that was let go hears so by its stream, and with the exit', async () => {
  const { session, result, write, lose, end } = await run()
  write('one')
  lose()
  end()
  expect(await result).toMatchObject({ StatusCode: 0, Error: { Message: expect.any(String) } })
  await expect(take(session)).rejects.toMatchObject({ code: 'ATTACH_STALLED' })
})

test('a client that has gone holds up nobody', async () => {
  const { session, result, write, lose, end } = await run()
  write('one')
  lose()
  session.close()
  end()
  expect(await result).toEqual({ StatusCode: 0 })
})

test.each([
  { stdinOnce: true, closes: 1 },
  { stdinOnce: false, closes: 0 },
])('input of a client that went before the start ends with it: $stdinOnce', async ({ stdinOnce, closes }) => {
  let closed = 0
  const connection = {
    closeStdin: async () => {
      closed += 1
    },
    close: () => undefined,
  } as unknown as MonitorConnection
  const config = { OpenStdin: true, StdinOnce: stdinOnce }
  const record = { name: 'c', config, hostConfig: {}, state: { exitCode: 0, error: '' } }
  const container = new Container(record as unknown as ContainerRecord, {} as ContainerPaths)
  const connectMonitor = async () => connection
  const engine = { native: { connectMonitor } } as unknown as EngineContext
  const session = await attachContainer(engine, container, { ...ALL, stdin: true })
  session.close()
  for (const pending of container.pendingAttaches) await pending.join(connectMonitor)
  expect(closed).toBe(closes)
})

test('a client that comes when the monitor has gone, and the engine has not heard of the end, has no output', async () => {
  const gone = failure({ code: 'MONITOR_GONE', kind: 'notFound', summary: 'ended' })
  const record = { name: 'c', config: {}, hostConfig: {}, state: { exitCode: 0, error: '' } }
  const container = new Container(record as unknown as ContainerRecord, {} as ContainerPaths)
  const live = new Live({} as MonitorConnection, () => Promise.reject(new Error('nobody asks')))
  container.live = live
  const engine = { native: { connectMonitor: () => Promise.reject(gone) } } as unknown as EngineContext
  const attaching = attachContainer(engine, container, ALL)
  setImmediate(() => live.settle())
  expect(await take(await attaching)).toBe('')
})

test('a client that a monitor which runs on has no place for is told so', async () => {
  const refused = failure({ code: 'MONITOR_GONE', kind: 'notFound', summary: 'ended' })
  const record = { name: 'c', config: {}, hostConfig: {}, state: { exitCode: 0, error: '' } }
  const container = new Container(record as unknown as ContainerRecord, {} as ContainerPaths)
  container.live = new Live({} as MonitorConnection, () => Promise.reject(new Error('nobody asks')))
  const engine = { native: { connectMonitor: () => Promise.reject(refused) } } as unknown as EngineContext
  vi.useFakeTimers()
  const attaching = expect(attachContainer(engine, container, ALL)).rejects.toMatchObject({
    code: 'ATTACH_LIMIT',
    kind: 'conflict',
  })
  await vi.advanceTimersByTimeAsync(2_000)
  await attaching
  vi.useRealTimers()
})
