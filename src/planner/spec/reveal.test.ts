import { describe, expect, it } from 'vitest'
import type { Origin, VariableOrigin } from '../../model/index.ts'
import { HIDDEN, SECRET } from '../core/operation.ts'
import { makeProject } from '../testing/projects.ts'
import { literalNames, type RevealedService, revealChange } from './reveal.ts'

const literal: Origin = { written: '', variables: [], through: [], overrode: [] }

function variable(used: VariableOrigin['used']): Origin {
  return { ...literal, variables: [{ name: 'S', source: 'environment', used }] }
}

function wanted(value: string, origin: Origin | undefined, name = 'A'): RevealedService {
  const project = makeProject({ services: { web: { environment: { [name]: value } } } })
  const service = project.model.services['web'] ?? { command: null, entrypoint: null }
  return { project: { ...project, origins: { of: () => origin } }, serviceName: 'web', service }
}

/** The change of A from a value, literal or not, to another as the plan shows it. */
function shown(from: string, wasLiteral: boolean, to: string, origin: Origin | undefined): string {
  const mark = wasLiteral ? '(literal)' : '(hidden)'
  const old = { environment: { A: from }, spec: { version: 2, value: { environment: { A: mark } } } }
  const change = revealChange({ path: 'environment.A', from: HIDDEN, to: HIDDEN }, old, wanted(to, origin))
  return `${change.from} > ${change.to}`
}

describe('a variable that changes', () => {
  it('is shown where both values are text of the Compose file', () => {
    expect(shown('red', true, 'blue', literal)).toBe('"red" > "blue"')
    expect(shown('red', true, 'blue', variable('default'))).toBe('"red" > "blue"')
  })

  it('is shown where both are switches, from wherever', () => {
    expect(shown('0', false, 'true', variable('value'))).toBe('"0" > "true"')
  })

  it('is not shown where a variable, an env_file or nobody knows what went into it', () => {
    for (const origin of [variable('value'), { ...literal, rule: 'env-file' as const }, undefined])
      expect(shown('hunter22', false, 'hunter23', origin)).toBe('(hidden) > (hidden)')
    expect(shown('hunter22', false, 'plain text', literal)).toBe('(hidden) > "plain text"')
  })

  it('is not shown where it is an address with a user in it, or has the name of a secret', () => {
    expect(shown('tcp://h', true, 'postgres://u:pw@h', literal)).toBe('"tcp://h" > (hidden)')
    const change = { path: 'environment.PASSWORD', from: SECRET, to: SECRET }
    expect(
      revealChange(change, { environment: { PASSWORD: 'a' } }, wanted('b', literal, 'PASSWORD')),
    ).toEqual(change)
    expect(literalNames(wanted('b', literal, 'PASSWORD'))).toEqual([])
    expect(literalNames(wanted('b', literal))).toEqual(['A'])
  })

  it('is shown alone where it came or went', () => {
    const gone = { path: 'environment.A', from: HIDDEN, to: undefined }
    expect(revealChange(gone, { environment: { A: '0' } }, wanted('', literal)).from).toBe('"0"')
    const came = { path: 'environment.A', from: undefined, to: HIDDEN }
    expect(revealChange(came, { environment: {} }, wanted('x', literal)).to).toBe('"x"')
  })
})
