import { expect, test } from 'vitest'
import { failure } from '../../../diagnostics/index.ts'
import { describe as wordsOf } from '../answer/error.ts'

const taken = failure({
  code: 'NAME_IN_USE',
  kind: 'conflict',
  summary: 'ours',
  hint: 'remove it',
  facts: { name: 'web', holder: 'c0ffee' },
})

test('an error that Docker has a sentence for is told in it, with the facts and without our hint', () => {
  const sentence =
    'Conflict. The container name "/web" is already in use by container "c0ffee". ' +
    'You have to remove (or rename) that container to be able to reuse that name.'
  expect(wordsOf(taken)).toBe(sentence)
  expect(wordsOf(taken, { name: 'containerRename', params: { id: 'x' } })).toBe(
    `Error when allocating new name: ${sentence}`,
  )
})

test('what Docker has no sentence for, or nobody told the facts of, is told in ours', () => {
  expect(wordsOf(failure({ code: 'NAME_IN_USE', summary: 'ours', hint: 'remove it' }))).toBe(
    'ours (remove it)',
  )
  expect(wordsOf(failure({ code: 'LAYER_MISSING', summary: 'ours', facts: { name: 'x' } }))).toBe('ours')
})

test('a port of an address that the machine does not have is told with the endpoint that it was for', () => {
  const facts = {
    ...{ address: '1.2.3.4', port: '80', target: '80/tcp' },
    ...{ endpoint: 'web', endpointId: 'c0ffee', endpointAddress: '172.17.0.3' },
  }
  const refused = failure({ code: 'HOST_ADDRESS_UNAVAILABLE', summary: 'ours', facts })
  expect(wordsOf(refused, { name: 'containerStart', params: { id: 'web' } })).toBe(
    'failed to set up container networking: driver failed programming external connectivity on endpoint web (c0ffee): ' +
      'failed to bind host port for 1.2.3.4:80:172.17.0.3:80/tcp: cannot assign requested address',
  )
})

test('a container is named as it was asked for', () => {
  const asked = { name: 'archiveGet', params: { id: 'short' } } as const
  const missing = failure({ code: 'PATH_NOT_FOUND', summary: 'ours', facts: { path: '/x' } })
  expect(wordsOf(missing, asked)).toBe('Could not find the file /x in container short')
  expect(wordsOf(missing)).toBe('ours')
  const paused = failure({ code: 'CONTAINER_PAUSED', summary: 'ours', facts: { name: 'c', state: 'paused' } })
  expect(wordsOf(paused, { name: 'execCreate', params: { id: 'short' } })).toContain('Container short is')
})

test('a command that is not there is told by what was asked', () => {
  const missing = failure({
    code: 'COMMAND_NOT_FOUND',
    summary: 'ours',
    facts: { errno: 'no such file or directory', detail: 'nope' },
  })
  const words = 'exec: "nope": executable file not found in $PATH'
  for (const name of ['execStart', 'containerStart'] as const)
    expect(wordsOf(missing, { name, params: {} })).toContain(words)
  expect(wordsOf(missing, { name: 'execStart', params: {} })).toMatch(/^OCI runtime exec failed/)
})
