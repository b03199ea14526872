import { expect, test } from 'vitest'
import { failure } from '../diagnostics/index.ts'
import type { DockerContainer } from './docker.ts'
import { lastOutput } from './last-output.ts'

function wrote(logs: () => Promise<Buffer>, tty = false): DockerContainer {
  return { inspect: async () => ({ Config: { Tty: tty } }), logs } as unknown as DockerContainer
}

test('what a container wrote last is read from frames, with a terminal as it stands', async () => {
  expect(
    await lastOutput(
      wrote(async () => Buffer.from('\u0002\0\0\0\0\0\0\u0004bye\n')),
      5,
    ),
  ).toBe('bye\n')
  expect(
    await lastOutput(
      wrote(async () => Buffer.from('bye\r\n'), true),
      5,
    ),
  ).toBe('bye\r\n')
})

test('a log that cannot be read takes nothing from the failure that is being told', async () => {
  expect(
    await lastOutput(
      wrote(async () => Buffer.from('no frames')),
      5,
    ),
  ).toBeUndefined()
  const none = async (): Promise<Buffer> => {
    throw failure({ code: 'LOG_UNAVAILABLE', summary: 'the driver keeps none' })
  }
  expect(await lastOutput(wrote(none), 5)).toBeUndefined()
})
