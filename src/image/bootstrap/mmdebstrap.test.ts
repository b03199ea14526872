import { expect, test } from 'vitest'
import { commandOf } from './mmdebstrap.ts'

test('the tool ends with its starter, and gets the sources and settings of the host', () => {
  const command = commandOf({
    suite: 'bookworm',
    target: '/t',
    sources: ['deb http://mirror.example/debian/ bookworm main'],
    aptOptions: ['Acquire::Check-Valid-Until "false";'],
    onLine: () => undefined,
    signal: new AbortController().signal,
  })
  expect(command.slice(0, 3)).toEqual(['setpriv', '--pdeathsig', 'KILL'])
  expect(command).toContain('--kill-child')
  expect(command).toContain('--aptopt=Acquire::Check-Valid-Until "false"')
  expect(command.slice(-3)).toEqual(['bookworm', '/t', 'deb http://mirror.example/debian/ bookworm main'])
})
