import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { encodeFrame } from '../../api/framing.ts'
import type { Docker } from '../../client/index.ts'
import type { LogSink } from '../logs/log-sink.ts'
import { ContainerOutput } from './container-output.ts'

const SECOND = '2026-01-01T00:00:01.000000000Z'
const LIMIT = 60_000

/** A container of an engine that the test plays: its attached stream, and its log. */
function open() {
  const attached = new PassThrough()
  const log = Object.assign(new PassThrough(), { headers: {} })
  const asked: Record<string, unknown>[] = []
  const docker = {
    getContainer: () => ({
      inspect: async () => ({ Config: { Tty: false }, State: { Running: false } }),
      attach: async () => attached,
      openLogs: async (options: Record<string, unknown>) => {
        asked.push(options)
        return log
      },
    }),
  } as unknown as Docker
  const printer = wholeLines()
  const errors: unknown[] = []
  const output = new ContainerOutput({
    docker,
    container: { id: 'c', name: 'c' },
    printer,
    reconnect: async () => undefined,
    onGap: (_name, gap) => errors.push(gap),
    onError: error => errors.push(error),
  })
  return { output, attached, log, asked, errors, printed: printer.printed }
}

/** As whatever prints lines does it: the beginning of one waits for its rest. */
function wholeLines(): LogSink & { readonly printed: () => string } {
  let printed = ''
  let begun = ''
  return {
    printed: () => printed,
    register: () => undefined,
    write: (_name, _stream, bytes) => {
      const text = begun + bytes.toString()
      const whole = text.lastIndexOf('\n') + 1
      printed += text.slice(0, whole)
      begun = text.slice(whole)
    },
    lines: (_name, _stream, lines) => {
      printed += lines.map(line => `${line}\n`).join('')
    },
    forget: () => {
      begun = ''
    },
    end: () => {
      if (begun !== '') printed += `${begun}\n`
      begun = ''
    },
    status: () => undefined,
    room: () => undefined,
  }
}

const framed = (text: string): Buffer => encodeFrame('stdout', Buffer.from(text))
const stamped = (...lines: readonly string[]): Buffer =>
  framed(lines.map(line => `${SECOND} ${line}\n`).join(''))

/** What an engine says last to a client that took nothing for too long. */
function lastWord(): Buffer {
  const frame = framed('not taken')
  frame[0] = 3
  return frame
}

test('a client that was let go goes on by the log, behind the last whole line, and its end is waited for', async () => {
  const { output, attached, log, asked, errors, printed } = open()
  await output.attach()
  attached.write(framed('one\ntwo\nthr'))
  // The container has ended meanwhile: all of this comes at once.
  const drained = output.drained(LIMIT)
  attached.end(lastWord())
  log.write(stamped('one', 'two', 'three'))
  log.end(stamped('four'))
  await drained
  expect(printed()).toBe('one\ntwo\nthree\nfour\n')
  expect(asked).toMatchObject([{ follow: true, tail: 'all', timestamps: true }])
  expect(errors).toEqual([])
})

test('an engine that died is no end: the log goes on', async () => {
  const { output, attached, log, printed } = open()
  await output.attach()
  attached.write(framed('one\ntw'))
  await new Promise(setImmediate)
  attached.destroy()
  await new Promise(setImmediate)
  output.goOn()
  log.end(stamped('one', 'two'))
  await output.drained(LIMIT)
  expect(printed()).toBe('one\ntwo\n')
})
