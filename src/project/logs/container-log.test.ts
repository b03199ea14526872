import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { encodeFrame } from '../../api/framing.ts'
import { LOG_GONE, renderGone } from '../../api/log-gone.ts'
import type { Docker } from '../../client/index.ts'
import { ContainerLog, type LogGap } from './container-log.ts'
import type { LogRange } from './log-range.ts'
import type { LogSink } from './log-sink.ts'

interface Answer {
  /** Lines that rotation had taken away when it was asked. */
  readonly gone?: number
  readonly lines: readonly number[]
}

/** Reads a log whose engine dies after each answer but the last; what was printed, and told, in its order. */
async function read(answers: readonly Answer[], range: Partial<LogRange> = {}): Promise<unknown[]> {
  const left = [...answers]
  const docker = {
    getContainer: () => ({
      // What is framed says so, and need not be looked at.
      inspect: async () => {
        throw new RangeError('inspected')
      },
      openLogs: async () => {
        const { gone, lines = [] } = left.shift() ?? {}
        const headers = {
          'content-type': 'application/vnd.docker.multiplexed-stream',
          ...(gone === undefined ? {} : { [LOG_GONE.toLowerCase()]: renderGone({ lines: gone, bytes: 9 }) }),
        }
        const stream = Object.assign(new PassThrough(), { headers })
        const text = lines.map(line => `2026-01-01T00:00:00.${String(line).padStart(9, '0')}Z ${line}\n`)
        stream.write(encodeFrame('stdout', Buffer.from(text.join(''))))
        if (left.length === 0) stream.end()
        else setImmediate(() => stream.destroy())
        return stream
      },
    }),
  } as unknown as Docker
  const said: unknown[] = []
  const printer = {
    lines: (_name: string, _kind: string, lines: readonly string[]) => said.push(...lines.map(Number)),
    room: () => undefined,
  } as unknown as LogSink
  const log = new ContainerLog({
    docker,
    id: 'c',
    name: 'c',
    printer,
    timestamps: false,
    reconnect: async () => undefined,
    onGap: (_name: string, gap: LogGap) => said.push(gap),
  })
  await log.read({ follow: true, tail: 'all', ...range })
  return said
}

test('each gap is told once, where it is, with the number of lines that this reader missed', async () => {
  const answers = [
    { gone: 2, lines: [3, 4] },
    { gone: 2, lines: [3, 4, 5] },
    { gone: 7, lines: [8] },
    { gone: 8, lines: [9] },
    { gone: 12, lines: [13] },
  ]
  expect(await read(answers)).toEqual([
    { place: 'beginning', lines: 2, bytes: 9 },
    3,
    4,
    5,
    { place: 'middle', lines: 2 },
    8,
    9,
    { place: 'middle', lines: 3 },
    13,
  ])
})

test('a log that was whole at first has its gaps, too', async () => {
  expect(await read([{ lines: [1, 2] }, { gone: 5, lines: [6] }])).toEqual([
    1,
    2,
    { place: 'middle', lines: 3 },
    6,
  ])
})

test('of a part of the log the number is known from the first gap on', async () => {
  const answers = [{ lines: [8] }, { gone: 9, lines: [10] }, { gone: 11, lines: [12] }]
  expect(await read(answers, { tail: '1' })).toEqual([
    8,
    { place: 'middle' },
    10,
    { place: 'middle', lines: 1 },
    12,
  ])
})

test('what was shown in another way is not missing', async () => {
  expect(await read([{ gone: 2, lines: [3, 4] }], { since: 0, skip: 3 })).toEqual([4])
  expect(await read([{ gone: 2, lines: [3] }], { since: 0, skip: 1 })).toEqual([{ place: 'middle' }, 3])
})
