import { expect, test } from 'vitest'
import { Failure } from '../../diagnostics/index.ts'
import { lastLines } from './last-lines.ts'

/** A message of the log, of stderr. */
function frame(text: string): Buffer {
  const header = Buffer.from([2, 0, 0, 0, 0, 0, 0, 0])
  header.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([header, Buffer.from(text)])
}

const linesOf = (answer: () => Buffer, TTY = false): Promise<readonly string[]> =>
  lastLines({ logs: async () => answer() }, { Spec: { ContainerSpec: { TTY } } })

test('the last lines of a task, of its streams and of its terminal', async () => {
  const frames = [frame('one\n'), frame('because\n')]
  expect(await linesOf(() => Buffer.concat(frames))).toEqual(['one', 'because'])
  expect(await linesOf(() => Buffer.from('one\r\nbecause\r\n'), true)).toEqual(['one', 'because'])
  const many = Array.from({ length: 20 }, (_, at) => frame(`${at}\n`))
  expect(await linesOf(() => Buffer.concat(many))).toHaveLength(10)
})

test('none of a task whose node does not tell them', async () => {
  const failing = (error: Error) => (): Buffer => {
    throw error
  }
  const diagnostics = [{ severity: 'error', code: 'ENGINE_NOT_FOUND', summary: 'no such task' }] as const
  expect(await linesOf(failing(new Failure('notFound', diagnostics)))).toEqual([])
  expect(await linesOf(failing(new DOMException('late', 'TimeoutError')))).toEqual([])
  await expect(linesOf(failing(new TypeError('a fault')))).rejects.toThrow('a fault')
})
