import { expect, test } from 'vitest'
import { parseRemote, type RemoteReference } from '../parser/index.ts'
import { checkSwitch } from './switches.ts'

const GIT = parseRemote('git@example.com:app.git') as RemoteReference
const OCI = parseRemote('oci://example.com/app') as RemoteReference

test.each([
  {},
  { COMPOSE_EXPERIMENTAL_GIT_REMOTE: '' },
  { COMPOSE_EXPERIMENTAL_GIT_REMOTE: 'True' },
])('%j leaves remote files on', env => {
  expect(() => checkSwitch(GIT, env)).not.toThrow()
})

test('each kind has a switch of its own', () => {
  const env = { COMPOSE_EXPERIMENTAL_GIT_REMOTE: 'false' }
  expect(() => checkSwitch(GIT, env)).toThrow(expect.objectContaining({ code: 'REMOTE_DISABLED' }))
  expect(() => checkSwitch(OCI, env)).not.toThrow()
  expect(() => checkSwitch(OCI, { COMPOSE_EXPERIMENTAL_OCI_REMOTE: '0' })).toThrow(
    expect.objectContaining({ code: 'REMOTE_DISABLED' }),
  )
})

test('another word is an error', () => {
  expect(() => checkSwitch(GIT, { COMPOSE_EXPERIMENTAL_GIT_REMOTE: 'maybe' })).toThrow(
    expect.objectContaining({ code: 'REMOTE_SWITCH_INVALID' }),
  )
})
