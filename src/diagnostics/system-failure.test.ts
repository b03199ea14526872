import { openSync } from 'node:fs'
import { expect, test } from 'vitest'
import { failure } from './error.ts'
import { systemFailure } from './system-failure.ts'

function raised(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

test('an error of the system is told by its own words, with what helps where something does', () => {
  const long = `/${'a'.repeat(300)}`
  expect(systemFailure(raised(() => openSync(long, 'r')))?.diagnostics).toEqual([
    {
      severity: 'error',
      code: 'SYSTEM_ERROR',
      summary: `ENAMETOOLONG: name too long, open '${long}'`,
      hint: 'a name holds 255 bytes at most, a path 4,095',
    },
  ])
  expect(systemFailure(raised(() => openSync('/nonexistent/file', 'r')))?.diagnostics[0]).toMatchObject({
    summary: "ENOENT: no such file or directory, open '/nonexistent/file'",
  })
})

test.each([
  ['a failure that says what it is', failure({ code: 'COPY_FAILED', summary: 'no', cause: new Error('no') })],
  ['a fault of ours', new TypeError('undefined is not a function')],
  ['an error of Node alone', Object.assign(new Error('no'), { code: 'ERR_INVALID_ARG_TYPE' })],
  ['no error', 'text'],
])('%s is none', (_name, error) => {
  expect(systemFailure(error)).toBeUndefined()
})
