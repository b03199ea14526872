import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { renderProtocolHeader } from './protocol-header.ts'

test('the C program was built with the frames and entries that we write and read', () => {
  const header = readFileSync(new URL('../../native/core/protocol.h', import.meta.url), 'utf8')
  expect(renderProtocolHeader()).toBe(header)
})
