import { describe, expect, test } from 'vitest'
import { encodeFrame } from '../../api/framing.ts'
import type { DeployedLogsRequest } from '../cluster/cluster.ts'
import { ServiceLog } from './service-log.ts'

const TIME = '2026-11-29T12:00:01.000000001Z'
const message = (task: string, text: string): string =>
  `${TIME} com.docker.swarm.node.id=n,com.docker.swarm.service.id=s,com.docker.swarm.task.id=${task} ${text}`

/** What is printed of a log that comes in these chunks. */
async function printed(
  chunks: readonly Buffer[],
  isTerminal = false,
  request: DeployedLogsRequest = {},
  lines: string[] = [],
): Promise<string[]> {
  const sink = {
    register: (name: string) => void lines.push(`register ${name}`),
    lines: (name: string, stream: string, texts: readonly string[]) =>
      void lines.push(...texts.map(text => `${name} ${stream} ${text}`)),
    write: () => undefined,
    forget: () => undefined,
    end: () => undefined,
    status: () => undefined,
    room: () => undefined,
  }
  const log = new ServiceLog(async task => `web.${task}`, isTerminal, request, sink)
  for (const chunk of chunks) await log.take(chunk)
  await log.end()
  return lines
}

const frames = Buffer.concat([
  encodeFrame('stdout', Buffer.from(message('1', 'hello\n'))),
  encodeFrame('stderr', Buffer.from(message('2', 'oh\n'))),
])

describe('a log of a service', () => {
  test('is lines of its tasks, wherever it is cut', async () => {
    const expected = ['register web.1', 'web.1 stdout hello', 'register web.2', 'web.2 stderr oh']
    expect(await printed([frames])).toEqual(expected)
    expect(await printed([...frames].map(byte => Buffer.from([byte])))).toEqual(expected)
  })

  test('has a line whole that came in several messages, between which others spoke', async () => {
    const first = Buffer.from('é')
    const parts = [
      encodeFrame('stdout', Buffer.concat([Buffer.from(message('1', 'long ')), first.subarray(0, 1)])),
      encodeFrame('stdout', Buffer.from(message('2', 'short\n'))),
      encodeFrame(
        'stdout',
        Buffer.concat([Buffer.from(message('1', '')), first.subarray(1), Buffer.from('\n')]),
      ),
    ]
    expect((await printed(parts)).filter(line => !line.startsWith('register'))).toEqual([
      'web.2 stdout short',
      'web.1 stdout long é',
    ])
  })

  test('has a last line without an end', async () => {
    expect(await printed([encodeFrame('stdout', Buffer.from(message('1', 'cut')))])).toContain(
      'web.1 stdout cut',
    )
  })

  test('has its lines before what the manager says that it lacks', async () => {
    const error = Buffer.from('node n is not available')
    const failed = Buffer.concat([Buffer.from([3, 0, 0, 0, 0, 0, 0, error.length]), error])
    const lines: string[] = []
    const rejected = printed([Buffer.concat([frames, failed])], false, {}, lines)
    await expect(rejected).rejects.toMatchObject({ code: 'STREAM_ERROR' })
    expect(lines).toContain('web.2 stderr oh')
  })

  test('of a terminal has no frames', async () => {
    const text = Buffer.from(`${message('1', 'hello\r\n')}${message('1', 'again\r\n')}`)
    expect((await printed([text.subarray(0, 30), text.subarray(30)], true)).slice(1)).toEqual([
      'web.1 stdout hello',
      'web.1 stdout again',
    ])
  })

  test('has times where they are wanted, and ends where it is to', async () => {
    expect(await printed([frames], false, { timestamps: true })).toContain(`web.1 stdout ${TIME} hello`)
    expect(await printed([frames], false, { until: 1 })).toEqual([])
  })
})
